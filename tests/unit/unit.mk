# A test that lets the N-th allocation of the library fail.
$(O)/tests/unit/test_failing: LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=strdup
