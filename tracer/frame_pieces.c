/* frame_pieces.c - what each thread has in a batch, as one run of records (frame.h) */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "frame.h"

#define JOINED_MOST ((size_t)8 << 20) /* room that is kept for runs of records; full ring buffers need more */
#define LEFT_MOST   ((size_t)8 << 20) /* room for records left over; beyond it, a thread keeps what it needs */

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Was this thread found in a call when the recording began? Only the first of that tid was. */
static bool has_open_beginning(struct framer *framer, uint32_t tid)
{
	const uint32_t *found =
		framer->n_open ? bsearch(&tid, framer->open_tids, framer->n_open, sizeof(uint32_t), compare_u32) : NULL;
	bool *is_seen = found ? &framer->open_is_seen[found - framer->open_tids] : NULL;
	bool is_first = is_seen && !*is_seen;

	if (is_first)
		*is_seen = true;
	return is_first;
}

int frame_open_call(struct framer_thread *thread, uint64_t seq, uint64_t entry)
{
	if (ARRAY_GROW(thread->opens, thread->cap_opens, thread->n_opens + 1))
		return -ENOMEM;
	thread->opens[thread->n_opens++] = (struct open_call){.seq = seq, .entry = entry};
	return 0;
}

/* The calls before seq are accounted for. */
void frame_close_calls(struct framer_thread *thread, uint64_t seq)
{
	size_t n = 0;

	while (n < thread->n_opens && thread->opens[n].seq < seq)
		n++;
	thread->n_opens -= n;
	if (n && thread->n_opens)
		memmove(thread->opens, thread->opens + n, thread->n_opens * sizeof(*thread->opens));
}

uint64_t frame_last_open(const struct framer_thread *thread)
{
	return thread->n_opens ? thread->opens[thread->n_opens - 1].seq : 0;
}

static struct framer_thread *thread_of(struct framer *framer, struct drain_thread *drain)
{
	struct framer_thread *thread = drain->framer;

	if (thread)
		return thread;
	thread = drain->framer = calloc(1, sizeof(struct framer_thread));
	if (!thread)
		return NULL;
	thread->drain = drain;
	if (has_open_beginning(framer, drain->tid) && frame_open_call(thread, 1, framer->clocks[0].mono)) {
		drain->framer = NULL;
		free(thread);
		return NULL;
	}
	thread->next = framer->threads;
	thread->link = &framer->threads;
	if (thread->next)
		thread->next->link = &thread->next;
	framer->threads = thread;
	return thread;
}

/* The framer's part of it. */
static void forget_framer_thread(struct framer *framer, struct framer_thread *thread)
{
	if (!thread)
		return;
	framer->left_room -= thread->left_cap;
	*thread->link = thread->next;
	if (thread->next)
		thread->next->link = thread->link;
	free(thread->left);
	free(thread->opens);
	texts_free(&thread->texts);
	free(thread);
}

/* All of it: the drain has nothing more of it. */
void frame_forget(struct framer *framer, struct drain_thread *thread)
{
	forget_framer_thread(framer, thread->framer);
	free(thread);
}

static int touch(struct framer *framer, struct framer_thread *thread)
{
	if (thread->touched)
		return 0;
	if (ARRAY_GROW(framer->touched, framer->cap_touched, framer->n_touched + 1))
		return -ENOMEM;
	thread->touched = true;
	framer->touched[framer->n_touched++] = thread;
	return 0;
}

int frame_chain_pieces(struct framer *framer, const struct batch *batch)
{
	if (ARRAY_GROW(framer->next_piece, framer->cap_next_piece, batch->n_pieces + 1))
		return -ENOMEM;
	for (uint32_t i = 0; i < batch->n_pieces; i++) {
		struct framer_thread *thread = thread_of(framer, batch->pieces[i].thread);

		if (!thread || touch(framer, thread))
			return -ENOMEM;
		framer->next_piece[i] = 0;
		if (thread->last_piece)
			framer->next_piece[thread->last_piece - 1] = i + 1;
		else
			thread->first_piece = i + 1;
		thread->last_piece = i + 1;
	}
	return 0;
}

int frame_chain_pending(struct framer *framer, const struct batch *batch)
{
	for (size_t i = 0; i < batch->n_pending; i++) {
		struct framer_thread *thread = thread_of(framer, batch->pending[i].thread);

		if (!thread || touch(framer, thread))
			return -ENOMEM;
		thread->pending = &batch->pending[i];
	}
	return 0;
}

static int grow_left(struct framer *framer, struct framer_thread *thread, size_t need)
{
	size_t before = thread->left_cap;
	int err = ARRAY_GROW(thread->left, thread->left_cap, need);

	framer->left_room += thread->left_cap - before;
	return err;
}

/* A thread that has had much at once, in many pieces, does not need the room for it ever after. */
static void shrink_left(struct framer *framer, struct framer_thread *thread)
{
	size_t before = thread->left_cap, need = thread->left_len ? thread->left_len : 64;
	unsigned char *less = NULL;

	if (framer->left_room > LEFT_MOST && before / 2 >= need)
		less = realloc(thread->left, need);
	if (!less)
		return;
	thread->left = less;
	thread->left_cap = need;
	framer->left_room -= before - need;
}

/* Is what it has one run of bytes only once it has been copied? */
static bool is_in_pieces(const struct framer_thread *thread)
{
	return thread->first_piece && (thread->left_len || thread->first_piece != thread->last_piece);
}

static size_t all_bytes(const struct framer *framer, const struct batch *batch, const struct framer_thread *thread)
{
	size_t len = thread->left_len;

	for (uint32_t i = thread->first_piece; i; i = framer->next_piece[i - 1])
		len += batch->pieces[i - 1].len;
	return len;
}

/* Copies what is left over and then the pieces to where there is room for them. */
static void copy_pieces(const struct framer *framer, const struct batch *batch, const struct framer_thread *thread,
			unsigned char *to)
{
	if (thread->left_len)
		memcpy(to, thread->left, thread->left_len);
	to += thread->left_len;
	for (uint32_t i = thread->first_piece; i; i = framer->next_piece[i - 1]) {
		const struct drain_piece *piece = &batch->pieces[i - 1];

		memcpy(to, batch->data + piece->offset, piece->len);
		to += piece->len;
	}
}

/* Without what is there: it is not needed any more. */
static int grow_joined(struct framer *framer, size_t need)
{
	if (need <= framer->joined_cap)
		return 0;
	free(framer->joined);
	framer->joined_cap = 0;
	framer->joined = malloc(need);
	if (!framer->joined)
		return -ENOMEM;
	framer->joined_cap = need;
	return 0;
}

int frame_join_pieces(struct framer *framer, const struct batch *batch)
{
	size_t need = 0;
	unsigned char *to;

	for (size_t i = 0; i < framer->n_touched; i++)
		if (is_in_pieces(framer->touched[i]))
			need += all_bytes(framer, batch, framer->touched[i]);
	if (grow_joined(framer, need))
		return -ENOMEM;
	to = framer->joined;
	for (size_t i = 0; i < framer->n_touched; i++) {
		struct framer_thread *thread = framer->touched[i];

		thread->pos = 0;
		thread->len = all_bytes(framer, batch, thread);
		if (is_in_pieces(thread)) {
			copy_pieces(framer, batch, thread, to);
			thread->data = to;
			to += thread->len;
		} else {
			thread->data = thread->first_piece ? batch->data + batch->pieces[thread->first_piece - 1].offset
							   : thread->left;
		}
	}
	return 0;
}

void frame_spare_joined(struct framer *framer)
{
	if (framer->joined_cap <= JOINED_MOST)
		return;
	free(framer->joined);
	framer->joined = NULL;
	framer->joined_cap = 0;
}

/* What has not been framed waits in left for the next batch. */
int frame_keep_left(struct framer *framer, struct framer_thread *thread)
{
	size_t len = thread->len - thread->pos;

	if (grow_left(framer, thread, len))
		return -ENOMEM;
	if (len)
		memmove(thread->left, thread->data + thread->pos, len);
	thread->left_len = len;
	shrink_left(framer, thread);
	thread->data = NULL;
	thread->len = thread->pos = 0;
	thread->first_piece = thread->last_piece = 0;
	thread->pending = NULL;
	return 0;
}
