/*
 * test_file_damage.c - files with something taken out, put in, turned round or of another kind: each damage is named,
 * with its place and the frames that it costs.
 */
#include "format/frame.h"
#include "files.h"

static void damage_is_named(void **state)
{
	struct file *f = *state;
	size_t third;
	struct story s;

	write_file(f, 6, 5, 200);
	third = f->frames[3];
	FOR_EACH_WAY(f)
	{
		f->memory.data[third + 20] ^= 1; /* its uuid */
		s = read_file(f, true);
		f->memory.data[third + 20] ^= 1;
		assert_string_equal(s.text, "M R R HEADER L R E");
		assert_int_equal(s.damage.offset, third);
		assert_int_equal(s.damage.length, f->frames[4] - third);
		assert_int_equal(s.damage.frame_from, 3);
		assert_int_equal(s.damage.frame_to, 3);
		assert_int_equal(s.damage.rows, 200);
		assert_true(s.damage.time_from > 0 && s.damage.time_to >= s.damage.time_from);

		f->memory.data[f->frames[4] - 1] ^= 1; /* its last byte */
		s = read_file(f, true);
		f->memory.data[f->frames[4] - 1] ^= 1;
		assert_string_equal(s.text, "M R R PAYLOAD L R E");
		assert_int_equal(s.damage.offset, third);
		assert_int_equal(s.damage.length, f->frames[4] - third);
		assert_int_equal(s.damage.frame_from, 3);
		assert_int_equal(s.damage.frame_to, 3);
		assert_int_equal(s.damage.rows, 200);
	}
}

static void frames_taken_out(void **state)
{
	struct file *f = *state;
	struct story s;

	FOR_EACH_WAY(f)
	{
		write_file(f, 7, 5, 200);
		splice(f, f->frames[2], f->frames[4] - f->frames[2], "", 0);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R MISSING L R E");
		assert_int_equal(s.damage.frame_from, 2);
		assert_int_equal(s.damage.frame_to, 3);
		assert_int_equal(s.damage.rows, 400);
		assert_int_equal(s.damage.length, 0);
		splice(f, 0, f->frames[1], "", 0);
		s = read_file(f, true);
		assert_string_equal(s.text, "MISSING R MISSING L R E");
		assert_int_equal(s.damage.frame_from, 0);
		assert_int_equal(s.damage.frame_to, 0);
	}
}

static void frames_put_in_or_turned_round(void **state)
{
	struct file *f = *state;
	struct story s;

	FOR_EACH_WAY(f)
	{
		uint8_t *copy;
		size_t len;

		write_file(f, 8, 5, 200);
		len = f->frames[3] - f->frames[2];
		copy = malloc(len);
		memcpy(copy, f->memory.data + f->frames[2], len);
		splice(f, f->frames[3], 0, copy, len);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R MISSING R L R E");
		assert_int_equal(s.damage.frame_from, 2);
		assert_int_equal(s.damage.length, len);
		splice(f, f->frames[2], len, "", 0); /* 2 3 4 5: the copy is the only one now */
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R R L R E");
		splice(f, f->frames[2], len, "", 0);
		splice(f, f->frames[2] + f->frames[4] - f->frames[3], 0, copy, len); /* behind 3 */
		s = read_file(f, true);
		assert_string_equal(s.text, "M R MISSING R MISSING L R E");
		free(copy);
	}
}

static void bytes_taken_out_or_put_in(void **state)
{
	struct file *f = *state;
	struct story s;

	FOR_EACH_WAY(f)
	{
		for (unsigned load = 0; load < 2; load++) {
			write_file(f, 9, 5, 200);
			splice(f, f->frames[3] - 10, 5, "", 0);
			s = read_file(f, load);
			assert_string_equal(s.text, load ? "M R PAYLOAD HEADER R L R E" : "f f f HEADER f f f f");
			write_file(f, 9, 5, 200);
			splice(f, f->frames[3], 0, "hello, here is something else", 29);
			s = read_file(f, load);
			assert_string_equal(s.text, load ? "M R R HEADER R L R E" : "f f f HEADER f f f f");
			assert_int_equal(s.damage.offset, f->frames[3]);
			assert_int_equal(s.damage.length, 29);
			assert_true(s.damage.frame_from > s.damage.frame_to);
			write_file(f, 9, 5, 200);
			splice(f, f->memory.len, 0, "the end is not the end", 22);
			s = read_file(f, load);
			assert_string_equal(s.text, load ? "M R R R L R E HEADER" : "f f f f f f f HEADER");
			/* all of a payload gone: its header is followed by the next */
			write_file(f, 9, 5, 200);
			{
				size_t header = sst_header_length(f->memory.data + f->frames[2]);

				splice(f, f->frames[2] + header, f->frames[3] - f->frames[2] - header, "", 0);
			}
			s = read_file(f, load);
			assert_int_equal(s.frames, load ? 6 : 7);
		}
	}
}

static void files_one_behind_the_other(void **state)
{
	struct file *f = *state, other = {0};

	write_file(&other, 11, 2, 100);
	FOR_EACH_WAY(f)
	{
		struct story s;

		write_file(f, 10, 2, 100);
		splice(f, f->memory.len, 0, other.memory.data, other.memory.len);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R E M R R E");
		write_file(f, 10, 2, 100);
		splice(f, f->frames[3], f->memory.len - f->frames[3], other.memory.data, other.memory.len);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R NO_END M R R E");
		write_file(f, 10, 2, 100);
		splice(f, f->frames[3] - 4, f->memory.len - f->frames[3] + 4, other.memory.data, other.memory.len);
		s = read_file(f, true);
		assert_string_equal(s.text, f->pipe ? "M R PAYLOAD HEADER NO_END M R R E"
						    : "M R PAYLOAD HEADER NO_END M R R E");
		/* the second without its beginning */
		write_file(f, 10, 2, 100);
		splice(f, f->memory.len, 0, other.memory.data + other.frames[1], other.memory.len - other.frames[1]);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R R E MISSING R R E");
	}
	free(other.memory.data);
}

/* A traced program may have written an .sst file: frames inside damaged bytes are not ours because they are whole. */
static void strangers_within_damage(void **state)
{
	struct file *f = *state, other = {0};

	write_file(&other, 13, 2, 100);
	FOR_EACH_WAY(f)
	{
		struct story s;

		write_file(f, 12, 4, 100);
		f->memory.data[f->frames[2]] ^= 0xff;
		splice(f, f->frames[2] + 50, 0, other.memory.data + other.frames[1],
		       other.memory.len - other.frames[1]);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R HEADER R L E");
		write_file(f, 12, 4, 100);
		f->memory.data[f->frames[2]] ^= 0xff;
		splice(f, f->frames[2] + 50, 0, other.memory.data, other.frames[3]);
		s = read_file(f, true);
		assert_string_equal(s.text, "M R HEADER NO_END M R R HEADER NO_END R L E");
	}
	free(other.memory.data);
}

static void something_else(void **state)
{
	struct file *f = *state;

	FOR_EACH_WAY(f)
	{
		struct story s;

		f->memory.len = f->n_frames = 0;
		append(f, "time\tpid\ttid\tcomm\n", 18);
		s = read_file(f, true);
		assert_string_equal(s.text, "NOT_SST");
		f->memory.len = 0;
		s = read_file(f, true);
		assert_string_equal(s.text, "CUT");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(frames_taken_out),
		cmocka_unit_test(frames_put_in_or_turned_round),
		cmocka_unit_test(bytes_taken_out_or_put_in),
		cmocka_unit_test(files_one_behind_the_other),
		cmocka_unit_test(strangers_within_damage),
		cmocka_unit_test(something_else),
	};

	return cmocka_run_group_tests_name("file_damage", tests, files_setup, files_teardown);
}
