# An oracle of several sources: calls of every kind, for strace to look at.
ARGUMENTS := $(call objects,tests/arguments)

tests: $(O)/tests/oracle/arguments
$(ARGUMENTS): | $(O)/have-decode
$(O)/tests/oracle/arguments: $(ARGUMENTS) $(O)/libsst.a
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) $^ -lzstd -o $@
