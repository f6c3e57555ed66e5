# kill -9 of targets and of recorders, more often than in make check.
.PHONY: check-kills
check-kills:
	+$(Q)$(BUILD) tests
	$(Q)KILLS=1000 tests/run.sh e2e/target-killed
	$(Q)KILLS=200 tests/run.sh e2e/recorder-killed
