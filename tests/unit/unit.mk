# A test that lets the N-th allocation of the library fail.
$(O)/tests/unit/test_failing: override LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=strdup

# ... and one that lets each call fail that writing a recording needs. (The names are those of 64 bits for file sizes.)
$(O)/tests/unit/test_failing_output: override LDFLAGS += $(addprefix -Wl$(comma)--wrap=,malloc calloc realloc reallocarray strdup strndup \
	asprintf write fsync fdatasync renameat unlinkat fchmod fstat64 fstatat64 fstatvfs64 ftruncate64 lseek64 getrandom close \
	openat64 fcntl64 warn)
comma := ,
