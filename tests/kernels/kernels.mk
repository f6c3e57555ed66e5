# The kernel matrix: what the recorder records on other kernels, under qemu. KERNELS="6.1 7.2 6.12-arm64" are some of them.
.PHONY: check-kernels
check-kernels:
	+$(Q)$(BUILD) tests
	$(Q)$(AS_CALLER) tests/kernels/matrix.sh $(KERNELS)
