# Fuzz targets: without a fuzzer as build/tests/fuzz/NAME (make check replays the corpus), and `make fuzz`, which builds
# build-fuzz/NAME for libFuzzer and, where AFL++ is installed, build-fuzz/NAME-afl.
FUZZERS := decode round_trip
FUZZ    := $(FUZZERS:%=$(O)/tests/fuzz/%)
FUZZ_SOURCES := $(wildcard format/*.c)
FUZZ_FLAGS = -std=gnu11 -D_GNU_SOURCE -iquote . -O1 -g -fno-omit-frame-pointer -Wno-unused-command-line-argument

units: $(FUZZ) $(O)/tests/fuzz/make_corpus
$(FUZZ:=.o) $(O)/tests/fuzz/replay.o $(O)/tests/fuzz/make_corpus.o: | $(O)/have-decode
$(FUZZ): $(O)/tests/fuzz/replay.o
$(FUZZ) $(O)/tests/fuzz/make_corpus: %: %.o $(O)/libsst.a
	$(call say,LINK)
	$(Q)$(LINK) $^ -lzstd -o $@

.PHONY: fuzz
fuzz: $(FUZZERS:%=build-fuzz/%) $(if $(shell command -v afl-clang-fast),$(FUZZERS:%=build-fuzz/%-afl))
	@echo 'make fuzz-run MINUTES=10 runs them all; or, for example:'
	@echo 'build-fuzz/decode -rss_limit_mb=512 -max_total_time=600 /tmp/found tests/fuzz/corpus/decode'
	@echo 'afl-fuzz -m none -i tests/fuzz/corpus/decode -o /tmp/afl -- build-fuzz/decode-afl'

# Their result goes to docs/tested.md.
.PHONY: fuzz-run
fuzz-run: fuzz
	$(Q)tests/fuzz/run.sh $(MINUTES)

build-fuzz/%: tests/fuzz/%.c $(FUZZ_SOURCES) Makefile
	$(call say,FUZZ)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $< $(FUZZ_SOURCES) \
		-lzstd -o $@
build-fuzz/%-afl: tests/fuzz/%.c $(FUZZ_SOURCES) Makefile
	$(call say,FUZZ)
	$(Q)mkdir -p $(@D)
	$(Q)AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1 afl-clang-fast $(FUZZ_FLAGS) -fsanitize=fuzzer $< $(FUZZ_SOURCES) \
		-lzstd -o $@
