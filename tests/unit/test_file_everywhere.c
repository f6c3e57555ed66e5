/*
 * test_file_everywhere.c - a file cut at every byte, and one with every bit wrong: what is whole comes back, and the
 * damage is noticed. Takes long: tests/cross.sh --fast leaves it out.
 */
#include "files.h"

/* Of a file cut anywhere, exactly the whole frames come, as they were. */
static void every_cut(void **state)
{
	struct file *f = *state;
	size_t whole_len;
	struct story whole;

	write_file(f, 4, 4, 60);
	f->pipe = false;
	whole = read_file(f, true);
	whole_len = f->memory.len;
	FOR_EACH_WAY(f)
	{
		for (f->memory.len = 0; f->memory.len < whole_len; f->memory.len++) {
			struct story s = read_file(f, true);
			unsigned frames = 0;

			while (frames < f->n_frames &&
			       (frames + 1 < f->n_frames ? f->frames[frames + 1] : whole_len) <= f->memory.len)
				frames++;
			assert_int_equal(s.frames, frames);
			assert_int_equal(s.errors, 1);
			for (unsigned i = 0; i < frames; i++)
				assert_int_equal(s.sums[i], whole.sums[i]);
			assert_int_equal(s.damage.error,
					 frames > 0 && f->memory.len == f->frames[frames] ? SST_E_NO_END : SST_E_CUT);
			assert_int_equal(s.damage.offset, f->frames[frames]);
			assert_int_equal(s.damage.length, f->memory.len - f->frames[frames]);
		}
	}
}

/* Every bit of a file: damage is always noticed, costs one frame at most, and no row is wrong. */
static void every_flip(void **state)
{
	struct file *f = *state;
	struct story whole;

	write_file(f, 5, 4, 60);
	f->pipe = false;
	whole = read_file(f, true);
	FOR_EACH_WAY(f)
	{
		for (size_t bit = way; bit < 8 * f->memory.len; bit += way == 0 ? 1 : 5) {
			struct story s;

			f->memory.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			s = read_file(f, true);
			f->memory.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_true(s.errors >= 1);
			assert_true(s.frames >= whole.frames - 1);
			for (unsigned i = 0; i < FRAMES_MAX; i++)
				if (s.sums[i])
					assert_int_equal(s.sums[i], whole.sums[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut),
		cmocka_unit_test(every_flip),
	};

	return cmocka_run_group_tests_name("file_everywhere", tests, files_setup, files_teardown);
}
