# sysstream - see `make help`. In the order of the pipeline: BPF object, skeleton, programs, tests, installation.

VERSION := 0.1
PREFIX  ?= /usr/local
CFLAGS  ?= -O2 -g
CLANG   ?= clang
BPFTOOL ?= bpftool
MANDIR  ?= $(PREFIX)/share/man
LIBDIR  ?= $(PREFIX)/lib
# Of libsst.so: a new ABI for what breaks programs linked with it, a new MINOR for what is added.
ABI     := 0
MINOR   := 1

# bpftool is in /usr/sbin, which users often lack; ausyscall may be where deps.sh unpacked it.
export PATH := $(PATH):/usr/sbin:/sbin:$(CURDIR)/build/tools/usr/bin
export CC CPPFLAGS CLANG BPFTOOL

O    := $(if $(SAN),build-san,build)
ARCH := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null || uname -m)))
BPF_ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(ARCH)))

WARN := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wundef \
	-Wvla -Wtype-limits -Wformat=2 -Wcast-qual -Wpointer-arith $(if $(WERROR),-Werror)
SANFLAGS := $(if $(SAN),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
# Never -I.: format/errno.h is not the C library's. 64 bits for file sizes and times, also where the C library has 32.
COMPILE = $(CC) -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DSYSSTREAM_VERSION='"$(VERSION)"' \
	-iquote . -iquote $(O) $(WARN) $(CPPFLAGS) $(CFLAGS) $(SANFLAGS) -MMD -MP
LINK = $(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS)

Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-8s %s\n' $(1) $@)

# Under sudo in the caller's own checkout: build as the caller, so that nothing in it becomes root's.
ROOT := $(filter 0,$(shell id -u))
AS_CALLER := $(and $(ROOT),$(SUDO_UID),$(filter $(SUDO_UID),$(shell stat -c %u .)),\
	setpriv --reuid=$(SUDO_UID) --regid=$(SUDO_GID) --clear-groups)
# On all processors, unless make was given a -j of its own.
BUILD = $(AS_CALLER) $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

objects = $(patsubst %.c,$(O)/%.o,$(wildcard $(1)/*.c))
FORMAT  := $(call objects,format)
DECODE  := $(call objects,decode)
TRACER  := $(call objects,tracer)
ORACLES := $(patsubst %.c,$(O)/%,$(wildcard tests/oracle/*.c))
UNITS   := $(patsubst %.c,$(O)/%,$(wildcard tests/unit/*.c))
TOOLS   := $(patsubst %.c,$(O)/%,$(wildcard tests/golden/*.c)) $(addprefix $(O)/tests/bench/,attach bench_codec calls crowd)
SKELETONS := $(O)/sysstream.skel.h $(O)/probe.skel.h $(O)/tasks.skel.h
TRACER_LIBS := -lbpf -lelf -lz -lzstd -lcap-ng -lpthread

# The decoder's sandbox has one layer more where libseccomp can be linked with, which for another architecture is more
# than its header.
SECCOMP := $(shell echo 'int main(void) { return !seccomp_init(0); }' | \
	$(CC) $(CPPFLAGS) $(LDFLAGS) -include seccomp.h -xc - -lseccomp -o /dev/null 2>/dev/null && echo 1)
SECCOMP_LIBS := $(if $(SECCOMP),-lseccomp)
HAVE_SECCOMP := $(if $(SECCOMP),-DHAVE_SECCOMP)

# ... and answers Prometheus where there is libmicrohttpd, which is loaded when somebody asks for that: by the name that a
# program linked with it would ask for.
MICROHTTPD := $(shell t=$$(mktemp) && echo 'int main(void) { return !MHD_get_version(); }' | \
	$(CC) $(CPPFLAGS) $(LDFLAGS) -include microhttpd.h -xc - -lmicrohttpd -o $$t 2>/dev/null && \
	LC_ALL=C readelf -d $$t 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(libmicrohttpd[^]]*\)\].*/\1/p'; rm -f $$t)
HAVE_MICROHTTPD := $(if $(MICROHTTPD),-DHAVE_MICROHTTPD=\"$(MICROHTTPD)\")
DECODE_LIBS := -lzstd $(SECCOMP_LIBS) -ldl -lpthread

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: all trace decode lib units tests deps demo check bench tables check-cross check-apps check-debootstrap install install-lib uninstall clean format lint help

ifneq ($(AS_CALLER),)
all trace decode lib units tests:
	+$(Q)$(BUILD) $@
else

all: trace decode lib
trace: $(O)/sysstream
decode: $(O)/sysdecode
lib: $(O)/libsst.a $(O)/libsst.so.$(ABI).$(MINOR) $(O)/sst.h

# --- the BPF programs and their skeleton

$(O)/%.bpf.o: %.bpf.c Makefile | $(O)/have-trace
	$(call say,BPF)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -mcpu=v3 -g -O2 -Wall -Werror -D__TARGET_ARCH_$(BPF_ARCH) \
		-idirafter /usr/include/$(ARCH)-linux-gnu -MMD -MP -MT $@ -MF $(@:.o=.d) -c $< -o $@

# Linking one object leaves out its DWARF, which the skeleton need not carry.
$(SKELETONS): $(O)/%.skel.h: $(O)/bpf/%.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen object $(O)/bpf/$*.linked.o $<
	$(Q)$(BPFTOOL) gen skeleton $(O)/bpf/$*.linked.o name $*_bpf > $@
	$(Q)sed -i -e '1i /* NOLINTBEGIN */' -e '$$a /* NOLINTEND */' $@

# --- the programs

$(FORMAT) $(DECODE): | $(O)/have-decode
$(TRACER): | $(O)/have-decode $(O)/have-trace $(SKELETONS)

$(O)/decode/sandbox.o: CPPFLAGS += $(HAVE_SECCOMP)
$(O)/decode/serve.o: CPPFLAGS += $(HAVE_MICROHTTPD)

# Rows are printed a twentieth sooner so; other parts gain nothing. CFLAGS of the caller stay as they are.
$(O)/decode/%.o: private CFLAGS := $(if $(SAN),$(CFLAGS),$(patsubst -O2,-O3,$(CFLAGS)))

$(O)/%.o: %.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -c $< -o $@

$(O)/libsst.a: $(FORMAT)
$(O)/libdecode.a: $(filter-out %/main.o,$(DECODE))
$(O)/libtracer.a: $(filter-out %/main.o,$(TRACER))
$(O)/%.a:
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The shared library exports what sst.map names; the header for its users is one file.
PIC := $(patsubst $(O)/%,$(O)/pic/%,$(FORMAT))
$(PIC): | $(O)/have-decode
$(O)/pic/%.o: %.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -fPIC -fno-semantic-interposition -c $< -o $@

$(O)/libsst.so.$(ABI).$(MINOR): $(PIC) format/sst.map
	$(call say,LINK)
	$(Q)sed 's/@ABI@/$(ABI)/' format/sst.map > $(O)/sst.map
	$(Q)$(LINK) -shared -Wl,-soname,libsst.so.$(ABI) -Wl,--version-script=$(O)/sst.map -Wl,--no-undefined-version \
		-Wl,-z,defs $(PIC) -lzstd -o $@

$(O)/sst.h: format/sst.h format/sst.awk $(wildcard format/*.h)
	$(call say,GEN)
	$(Q)mkdir -p $(@D)
	$(Q)awk -f format/sst.awk format/sst.h > $@

$(O)/sysdecode: $(DECODE) $(O)/libsst.a
	$(call say,LINK)
	$(Q)$(LINK) $^ $(DECODE_LIBS) -o $@

$(O)/sysstream: $(TRACER) $(O)/libsst.a
	$(call say,LINK)
	$(Q)$(LINK) $^ $(TRACER_LIBS) -o $@

# --- what tests and benches run

tests: all units $(ORACLES) $(TOOLS) $(patsubst %.c,$(O)/%.o,$(wildcard tests/bench/*.bpf.c))
units: $(UNITS)
$(UNITS:=.o) $(ORACLES:=.o) $(TOOLS:=.o): | $(O)/have-decode
$(UNITS:=.o): | $(O)/have-test

# A test is of the tracer or of the decoder, as its includes say, and links that one's objects.
OF_TRACER := $(patsubst %.c,$(O)/%,$(shell grep -l '"[./]*tracer/' $(wildcard tests/unit/*.c) /dev/null))
$(OF_TRACER): $(O)/libtracer.a
$(filter-out $(OF_TRACER),$(UNITS)): $(O)/libdecode.a
$(UNITS): %: %.o $(O)/libsst.a
	$(call say,LINK)
	$(Q)$(LINK) -Wl,--as-needed $(sort $(filter %.o,$^)) $(filter-out %/libsst.a,$(filter %.a,$^)) $(O)/libsst.a \
		-lcmocka $(TRACER_LIBS) $(DECODE_LIBS) -o $@

$(ORACLES) $(TOOLS): %: %.o $(O)/libsst.a
	$(call say,LINK)
	$(Q)$(LINK) -Wl,--as-needed $^ $(TRACER_LIBS) -o $@

# What a set of sources needs is looked for once per build directory, before the first of them is compiled.
$(O)/have-%:
	$(Q)./deps.sh check $*
	$(Q)mkdir -p $(O) && touch $@

include $(wildcard tests/*/*.mk)

-include $(wildcard $(O)/bpf/*.d $(O)/format/*.d $(O)/decode/*.d $(O)/tracer/*.d $(O)/tests/*/*.d $(O)/pic/*/*.d)
endif

# --- for people

deps:
	$(Q)./deps.sh install decode trace test more

demo: $(if $(ROOT),deps)
	+$(Q)$(BUILD) all
	$(Q)tests/demo.sh

check: $(if $(ROOT),deps)
	+$(Q)$(BUILD) tests
	+$(Q)$(BUILD) SAN=1 all units
	$(Q)tests/run.sh $(TEST)

bench:
	+$(Q)$(BUILD) tests
	$(Q)tests/bench/bench.py $(BENCH)

check-cross:
	$(Q)$(AS_CALLER) tests/cross.sh $(ARCHS)

# Programs that others have made: those that tables are loaded into, and those whose calls are compared with strace's.
check-apps: $(if $(ROOT),deps)
	$(if $(ROOT),$(Q)./deps.sh install apps)
	+$(Q)$(BUILD) tests
	$(Q)tests/run.sh -v e2e/spreadsheet e2e/databases e2e/arguments

check-debootstrap:
	$(Q)tests/debootstrap.sh

tables:
	$(Q)python3 format/tables/generate.py
	$(Q)python3 decode/tables/generate.py

install:
	+$(Q)$(BUILD) all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(MANDIR)/man1
	install -m 755 build/sysstream $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 build/sysdecode $(DESTDIR)$(PREFIX)/bin/
	install -m 644 docs/sysstream.8 $(DESTDIR)$(MANDIR)/man8/
	install -m 644 docs/sysdecode.1 $(DESTDIR)$(MANDIR)/man1/
	install -d $(DESTDIR)$(PREFIX)/share/sysstream
	install -m 644 docs/grafana.json $(DESTDIR)$(PREFIX)/share/sysstream/
	sed 's,/usr/local/,$(PREFIX)/,g' docs/sysstream-metrics.service > $(DESTDIR)$(PREFIX)/share/sysstream/sysstream-metrics.service
	+$(Q)$(MAKE) --no-print-directory install-lib

# What programs that use the library need; without the recorder.
install-lib:
	+$(Q)$(BUILD) lib
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include
	install -m 644 build/libsst.so.$(ABI).$(MINOR) build/libsst.a $(DESTDIR)$(LIBDIR)/
	ln -sf libsst.so.$(ABI).$(MINOR) $(DESTDIR)$(LIBDIR)/libsst.so.$(ABI)
	ln -sf libsst.so.$(ABI) $(DESTDIR)$(LIBDIR)/libsst.so
	install -m 644 build/sst.h $(DESTDIR)$(PREFIX)/include/
	sed 's,@PREFIX@,$(PREFIX),; s,@LIBDIR@,$(LIBDIR),; s,@VERSION@,$(VERSION),' format/sst.pc.in \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/sst.pc

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/sysstream $(DESTDIR)$(PREFIX)/bin/sysdecode \
		$(DESTDIR)$(MANDIR)/man8/sysstream.8 $(DESTDIR)$(MANDIR)/man1/sysdecode.1 \
		$(addprefix $(DESTDIR)$(PREFIX)/share/sysstream/,grafana.json sysstream-metrics.service) \
		$(addprefix $(DESTDIR)$(LIBDIR)/,libsst.a libsst.so libsst.so.$(ABI) libsst.so.$(ABI).$(MINOR) pkgconfig/sst.pc) \
		$(DESTDIR)$(PREFIX)/include/sst.h

clean:
	rm -rf build build-san build-fuzz

SOURCES = $(wildcard format/*.[ch] decode/*.[ch] tracer/*.[ch] bpf/*.[ch] tests/*/*.[ch])
format:
	clang-format -i $(SOURCES)

lint: $(SKELETONS)
	clang-format --dry-run -Werror $(SOURCES)
	printf '%s\n' $(wildcard format/*.c decode/*.c tracer/*.c) | \
		xargs -P 2 -n 1 sh -c 'clang-tidy --quiet "$$@" -- -std=gnu11 -D_GNU_SOURCE \
		-DSYSSTREAM_VERSION=\"$(VERSION)\" $(HAVE_SECCOMP) $(HAVE_MICROHTTPD) -iquote . -isystem $(O) 2>/dev/null' tidy

help:
	@echo 'make            build sysstream, sysdecode and libsst.a into build/ (no root)'
	@echo 'make decode     only sysdecode: needs neither libbpf nor clang'
	@echo 'make demo       record something real and show it (root)'
	@echo 'make check      all tests; without root those that need it are skipped.  TEST="name ..." runs some'
	@echo 'make bench      all figures (root).  BENCH="cost bytes ..." measures some'
	@echo 'make deps       install what is missing (root)'
	@echo 'make install    to $$(DESTDIR)$$(PREFIX), PREFIX=$(PREFIX);  make uninstall'
	@echo 'make tables     regenerate the system call tables'
	@echo 'make check-cross  decoder and library on other architectures, under qemu.  ARCHS="s390x i386 arm64 musl"'
	@echo 'make check-long   every cut and every wrong bit, minutes;  make fuzz-run  libFuzzer and AFL++, MINUTES=10 each'
	@echo 'make check-apps    tables in LibreOffice, PostgreSQL and ClickHouse, args of real programs: installs them (root)'
	@echo 'make check-kernels  the recorder on other kernels, under qemu.  KERNELS="5.10 6.1 6.12 7.2 6.1-arm64 6.12-arm64"'
	@echo 'make check-kills    kill -9 of 1,000 targets and 200 recorders (root);  make check-steady  the monitor for 10 minutes (root)'
	@echo 'make format, make lint, make check-debootstrap, make clean'
	@echo 'V=1 shows commands, SAN=1 builds with ASan and UBSan into build-san/, WERROR=1 stops at warnings'
