# Oracles that are statically linked programs, of 32 bits and with another C library. They are built where the compiler and
# musl allow it; NAME.why has what was said otherwise, and the tests skip them.
MUSL      ?= musl-gcc
OF_MUSL   := many threads basic
STATICS   := $(O)/tests/oracle/i386-static $(OF_MUSL:%=$(O)/tests/oracle/musl-%)
STATIC_FLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g $(filter-out -Wconversion,$(WARN)) -static

tests: $(STATICS:=.built)

$(O)/tests/oracle/i386-static.built: tests/static/bits32.c
	$(call say,STATIC)
	$(Q)mkdir -p $(@D) && rm -f $(@:.built=)
	$(Q)$(CC) -m32 $(STATIC_FLAGS) -ffreestanding -fno-stack-protector -fno-pic -no-pie -nostdlib \
		-idirafter /usr/include/$(ARCH)-linux-gnu $< -o $(@:.built=) 2>$(@:.built=.why) || true
	$(Q)touch $@

$(O)/tests/oracle/musl-%.built: tests/oracle/%.c tests/oracle/oracle.h
	$(call say,STATIC)
	$(Q)mkdir -p $(@D) && rm -f $(@:.built=)
	$(Q)$(MUSL) $(STATIC_FLAGS) -pthread $< -o $(@:.built=) 2>$(@:.built=.why) || true
	$(Q)touch $@
