# Fuzz targets: without a fuzzer as build/tests/fuzz/NAME (make check replays the corpus), and `make fuzz`, which builds
# build-fuzz/NAME for libFuzzer and, where AFL++ is installed, build-fuzz/NAME-afl.
FUZZERS := decode round_trip
FUZZ    := $(FUZZERS:%=$(O)/tests/fuzz/%)
FUZZ_SOURCES := $(wildcard format/*.c)
FUZZ_FLAGS = -std=gnu11 -D_GNU_SOURCE -iquote . -O1 -g -fno-omit-frame-pointer -Wno-unused-command-line-argument

units: $(FUZZ)
$(FUZZ:=.o) $(O)/tests/fuzz/replay.o $(O)/tests/fuzz/make_corpus.o: | $(O)/have-decode
$(FUZZ): %: %.o $(O)/tests/fuzz/replay.o $(O)/libsst.a
	$(call say,LINK)
	$(Q)$(LINK) $^ -lzstd -o $@

.PHONY: fuzz
fuzz: $(FUZZERS:%=build-fuzz/%) $(if $(shell command -v afl-clang-fast),$(FUZZERS:%=build-fuzz/%-afl))
	@echo 'For example: build-fuzz/decode -rss_limit_mb=512 -max_total_time=600 /tmp/found tests/fuzz/corpus/decode'
	@echo 'or: afl-fuzz -i tests/fuzz/corpus/decode -o /tmp/afl -- build-fuzz/decode-afl -'

build-fuzz/%: tests/fuzz/%.c $(FUZZ_SOURCES) Makefile
	$(call say,FUZZ)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $< $(FUZZ_SOURCES) \
		-lzstd -o $@
build-fuzz/%-afl: tests/fuzz/%.c $(FUZZ_SOURCES) Makefile
	$(call say,FUZZ)
	$(Q)mkdir -p $(@D)
	$(Q)AFL_QUIET=1 AFL_USE_ASAN=1 afl-clang-fast $(FUZZ_FLAGS) $< tests/fuzz/replay.c $(FUZZ_SOURCES) -lzstd -o $@
