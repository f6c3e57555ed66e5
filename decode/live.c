/* live.c - see live.h */
#include "live.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "escape.h"
#include "live_table.h"
#include "report.h"
#include "row.h"
#include "terminal.h"

#define NS_PER_S    UINT64_C(1000000000)
#define KEPT        50   /* complaints; of more the last are kept */
#define GRACE_MS    1000 /* after Ctrl-C: the recorder, which has heard it too, writes its end */
#define REDRAW_KEY  12   /* Ctrl-L */
#define END_OF_FILE 4    /* Ctrl-D */

struct live {
	struct live_config config;
	bool is_output;
	pthread_t thread;
	bool started, failed;

	pthread_mutex_t lock; /* of what follows */
	struct live_table table;
	bool ending;   /* live_close() has been called */
	bool quit;     /* the user has asked for it */
	uint64_t news; /* when an interval has come last, mono ns */
	char *kept[KEPT];
	size_t n_kept;
};

static struct live *watched; /* whom complaints are told */

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* --- complaints */

/* Called with the line that would go to standard error. */
static void keep(const char *line)
{
	struct live *live = watched;
	char *copy = strdup(line);

	if (!copy)
		return;
	pthread_mutex_lock(&live->lock);
	if (live->n_kept == KEPT) {
		free(live->kept[0]);
		memmove(live->kept, live->kept + 1, (KEPT - 1) * sizeof(*live->kept));
		live->n_kept--;
	}
	live->kept[live->n_kept++] = copy;
	snprintf(live->table.message, sizeof(live->table.message), "%s", line);
	pthread_mutex_unlock(&live->lock);
	terminal_wake();
}

/* Once the screen is given back. That a recording which was left has no end is no news. */
static void say_kept(struct live *live)
{
	for (size_t i = 0; i < live->n_kept; i++) {
		if (!live->quit)
			fprintf(stderr, "%s\n", live->kept[i]);
		free(live->kept[i]);
	}
	live->n_kept = 0;
}

/* --- the thread */

static void draw(struct live *live, struct page *page)
{
	uint64_t silent;
	unsigned width, height;

	terminal_size(&width, &height);
	page_restart(page);
	pthread_mutex_lock(&live->lock);
	silent = now() - live->news;
	live->table.silent_ns = silent > live->config.interval + 2 * NS_PER_S ? silent : 0;
	live_table_draw(&live->table, page, width, height);
	pthread_mutex_unlock(&live->lock);
	if (!page->failed)
		terminal_write(page->text, page->len);
}

/* Returns whether there is something else to see; *quit: the user wants to go. */
static bool take_keys(struct live *live, bool *quit)
{
	bool changed = false;
	int key;

	while ((key = terminal_key())) {
		*quit |= key == 'q' || key == 'Q' || key == END_OF_FILE;
		pthread_mutex_lock(&live->lock);
		changed |= live_table_key(&live->table, key) || key == REDRAW_KEY;
		if (live->table.message[0]) { /* it has been seen */
			live->table.message[0] = 0;
			changed = true;
		}
		pthread_mutex_unlock(&live->lock);
	}
	return changed;
}

static bool is_ending(struct live *live)
{
	bool ending;

	pthread_mutex_lock(&live->lock);
	ending = live->ending;
	pthread_mutex_unlock(&live->lock);
	return ending;
}

static void leave(struct live *live)
{
	terminal_give_back();
	pthread_mutex_lock(&live->lock);
	live->quit = true;
	pthread_mutex_unlock(&live->lock);
	live->config.quit(live->config.context);
}

/* A signal wants us to end. The recorder is likely to have got the same one. */
static void leave_slowly(struct live *live)
{
	uint64_t began = now();

	terminal_give_back();
	while (!is_ending(live) && now() - began < GRACE_MS * (NS_PER_S / 1000))
		terminal_wait(GRACE_MS / 10);
	if (!is_ending(live))
		leave(live);
}

static void *work(void *context)
{
	struct live *live = context;
	struct page page = {0};
	bool quit = false;
	unsigned events = TERMINAL_DRAW;

	while (!quit && !is_ending(live)) {
		if (events & TERMINAL_END) {
			leave_slowly(live);
			break;
		}
		if (!(events & TERMINAL_KEY) || take_keys(live, &quit) || events & ~TERMINAL_KEY)
			draw(live, &page);
		if (quit)
			leave(live);
		else
			events = terminal_wait(1000);
	}
	page_clear(&page);
	return NULL;
}

/* --- what others call */

struct live *live_open(const struct live_config *config)
{
	struct live *live = calloc(1, sizeof(*live));
	int fd;

	if (!live) {
		complain("out of memory");
		return NULL;
	}
	live->config = *config;
	pthread_mutex_init(&live->lock, NULL);
	live_table_init(&live->table, config->by, config->sort, config->interval);
	fd = terminal_can() ? terminal_open(&live->is_output) : -EINVAL;
	if (fd >= 0) {
		live->table.utf8 = terminal_utf8();
		live->table.colors = terminal_colors();
		return live;
	}
	if (fd == -EINVAL)
		complain("--live needs a terminal whose cursor can be moved, and TERM does not name one; without "
			 "--live lines are printed");
	else
		complain("--live needs a terminal: %s; without --live lines are printed", strerror(-fd));
	pthread_mutex_destroy(&live->lock);
	free(live);
	return NULL;
}

bool live_is_output(const struct live *live)
{
	return live->is_output;
}

/* Signals are for the thread that reads the recording: their handlers wake this one. */
static int start_thread(struct live *live)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&live->thread, NULL, work, live);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

static void start(struct live *live)
{
	int err = -terminal_take();

	live->news = now();
	if (!err)
		err = start_thread(live);
	live->started = err == 0;
	live->failed = err != 0;
	if (!err) {
		watched = live;
		complain_to(keep);
		return;
	}
	terminal_give_back();
	complain("--live: %s", strerror(err));
	live->config.quit(live->config.context);
}

void live_begin(struct live *live, const struct recording *recording)
{
	const char *targets = sst_meta_get(&recording->meta, "targets");
	char text[ESCAPED_MAX(120)];
	size_t len = targets ? strlen(targets) : 0;

	*escape(text, targets ? targets : "", len < 120 ? len : 120, ESCAPE_MESSAGE) = 0;
	pthread_mutex_lock(&live->lock);
	snprintf(live->table.title, sizeof(live->table.title), "%s", text);
	pthread_mutex_unlock(&live->lock);
	if (!live->started && !live->failed)
		start(live);
	terminal_wake();
}

void live_take(struct live *live, const struct tally *const *list, size_t n, bool piece)
{
	time_t seconds = time(NULL);
	struct tm tm;

	pthread_mutex_lock(&live->lock);
	live_table_take(&live->table, list, n, piece);
	live->news = now();
	if (!live->table.paused && !piece && localtime_r(&seconds, &tm))
		strftime(live->table.clock, sizeof(live->table.clock), "%H:%M:%S", &tm);
	pthread_mutex_unlock(&live->lock);
	terminal_wake();
}

bool live_has_quit(const struct live *live)
{
	return live->quit;
}

bool live_has_failed(const struct live *live)
{
	return live->failed;
}

/* The last picture stays, on the screen that scrolls. */
static void print_last(struct live *live)
{
	struct page page = {0};
	unsigned width, height;

	terminal_size(&width, &height);
	if (live->table.has)
		live_table_print(&live->table, &page, width, height);
	if (!page.failed)
		terminal_print(page.text, page.len);
	page_clear(&page);
}

void live_close(struct live *live)
{
	if (!live)
		return;
	if (live->started) {
		pthread_mutex_lock(&live->lock);
		live->ending = true;
		pthread_mutex_unlock(&live->lock);
		terminal_wake();
		pthread_join(live->thread, NULL);
		terminal_give_back();
		complain_to(NULL);
		print_last(live);
		say_kept(live);
	}
	live_table_clear(&live->table);
	pthread_mutex_destroy(&live->lock);
	free(live);
}
