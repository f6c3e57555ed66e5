# kill -9 of targets and of recorders, more often than in make check.
.PHONY: check-kills
check-kills:
	+$(Q)$(BUILD) tests
	$(Q)tests/long/kills.sh

# What is left in the programs' maps when threads and processes are gone.
tests: $(O)/tests/e2e/maps
$(O)/tests/e2e/maps.o: | $(O)/have-decode $(O)/have-trace
$(O)/tests/e2e/maps: $(O)/tests/e2e/maps.o $(O)/libtracer.a $(O)/libsst.a
	$(call say,LINK)
	$(Q)$(LINK) $^ $(TRACER_LIBS) -o $@

# What a recording has captured, as text.
tests: $(O)/tests/e2e/captured
$(O)/tests/e2e/captured.o: | $(O)/have-decode
$(O)/tests/e2e/captured: $(O)/tests/e2e/captured.o $(O)/libsst.a
	$(call say,LINK)
	$(Q)$(LINK) $^ -lzstd -o $@

# Calls whose memory is known.
tests: $(O)/tests/e2e/captures
$(O)/tests/e2e/captures.o: | $(O)/have-decode
$(O)/tests/e2e/captures: $(O)/tests/e2e/captures.o
	$(call say,LINK)
	$(Q)$(LINK) $^ -o $@

# The monitor for five minutes under load.
.PHONY: check-steady
check-steady:
	+$(Q)$(BUILD) tests
	$(Q)tests/long/steady.sh

# The load for that.
tests: $(O)/tests/e2e/busy
$(O)/tests/e2e/busy.o: | $(O)/have-decode
$(O)/tests/e2e/busy: $(O)/tests/e2e/busy.o
	$(call say,LINK)
	$(Q)$(LINK) $^ -lpthread -o $@

# What is open, and what the kernel says it is.
tests: $(O)/tests/e2e/descriptors
$(O)/tests/e2e/descriptors.o: | $(O)/have-decode
$(O)/tests/e2e/descriptors: $(O)/tests/e2e/descriptors.o
	$(call say,LINK)
	$(Q)$(LINK) $^ -lpthread -o $@
