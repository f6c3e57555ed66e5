# Tests that take minutes; a sample of them is part of make check. The result of all goes to docs/tested.md.
LONG := $(O)/tests/long/damage $(O)/tests/long/hostile

units: $(LONG)
$(LONG:=.o): | $(O)/have-decode
$(LONG): %: %.o $(O)/libsst.a
	$(call say,LINK)
	$(Q)$(LINK) $^ -lzstd -o $@

.PHONY: check-long
check-long: $(LONG)
	$(Q)tests/long/run.sh
