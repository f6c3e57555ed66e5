/* terminal.c - see terminal.h */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "live_table.h"
#include "out.h"

/* The alternate screen, no cursor, no wrapping at the right edge; and all of it back. */
#define TAKE      "\033[?1049h\033[?25l\033[?7l\033[H\033[2J"
#define GIVE_BACK "\033[0m\033[?7h\033[?25h\033[?1049l"

static struct {
	int fd;
	int wake[2]; /* a pipe: a byte for each thing that has happened */
	struct termios before;
	bool opened;
	char keys[64]; /* read, and not asked for yet */
	size_t n_keys, next_key;
} terminal = {.fd = -1, .wake = {-1, -1}};

static volatile sig_atomic_t taken;

/* Bytes in the pipe. */
#define WOKEN   'w'
#define RESIZED 's'
#define GO_ON   'c'
#define ENDS    'e'

bool terminal_can(void)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") != 0 && strcmp(term, "unknown") != 0;
}

int terminal_open(bool *is_output)
{
	*is_output = isatty(STDOUT_FILENO);
	terminal.fd = *is_output ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (terminal.fd < 0)
		return -errno;
	/* Standard output may be open for writing only. */
	if (*is_output && (fcntl(terminal.fd, F_GETFL) & O_ACCMODE) != O_RDWR) {
		close(terminal.fd);
		terminal.fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	}
	if (terminal.fd < 0 || tcgetattr(terminal.fd, &terminal.before) < 0 ||
	    pipe2(terminal.wake, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	terminal.opened = true;
	return terminal.fd;
}

bool terminal_utf8(void)
{
	return setlocale(LC_CTYPE, "") && !strcmp(nl_langinfo(CODESET), "UTF-8");
}

bool terminal_colors(void)
{
	const char *none = getenv("NO_COLOR");

	return !none || !*none;
}

/* --- taking it and giving it back; what follows may run in a signal handler */

static void tell(char what)
{
	int before = errno;

	if (write(terminal.wake[1], &what, 1) < 0)
		errno = before; /* full: there is enough to wake up for */
	errno = before;
}

static void put_back(void)
{
	if (!taken)
		return;
	taken = 0;
	if (write(terminal.fd, GIVE_BACK, sizeof(GIVE_BACK) - 1) < 0)
		taken = 0; /* there is no terminal any more */
	tcsetattr(terminal.fd, TCSADRAIN, &terminal.before);
}

static int take_screen(void)
{
	struct termios raw = terminal.before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* Ctrl-C and Ctrl-Z are signals still */
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(terminal.fd, TCSADRAIN, &raw) < 0)
		return -errno;
	taken = 1;
	return out_write(terminal.fd, TAKE, sizeof(TAKE) - 1);
}

static void on_change(int number)
{
	tell(number == SIGWINCH ? RESIZED : number == SIGCONT ? GO_ON : ENDS);
}

/* Ctrl-Z: the shell gets its screen; SIGCONT takes ours again. */
static void on_stop(int number)
{
	int before = errno;

	(void)number;
	put_back();
	raise(SIGSTOP);
	errno = before;
}

/* The handler is for one time: what happens again, or goes on when we return, ends the program. */
static void on_crash(int number)
{
	(void)number;
	put_back();
}

/* Where nobody has ignored or caught it. */
static void catch (int number, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags}, before;

	if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
		sigaction(number, &action, NULL);
}

static void catch_signals(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT},
			 crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		catch (ends[i], on_change, SA_RESTART);
	for (size_t i = 0; i < sizeof(crashes) / sizeof(*crashes); i++)
		catch (crashes[i], on_crash, (int)SA_RESETHAND);
	catch (SIGWINCH, on_change, SA_RESTART);
	catch (SIGCONT, on_change, SA_RESTART);
	catch (SIGTSTP, on_stop, SA_RESTART);
}

int terminal_take(void)
{
	catch_signals();
	return take_screen();
}

void terminal_give_back(void)
{
	if (terminal.opened)
		put_back();
}

/* --- drawing */

void terminal_size(unsigned *width, unsigned *height)
{
	struct winsize size;

	*width = 80;
	*height = 24;
	if (ioctl(terminal.fd, TIOCGWINSZ, &size) < 0 || !size.ws_col || !size.ws_row)
		return;
	*width = size.ws_col;
	*height = size.ws_row;
}

void terminal_write(const char *text, size_t len)
{
	if (taken)
		out_write(terminal.fd, text, len);
}

void terminal_print(const char *text, size_t len)
{
	if (!taken)
		out_write(terminal.fd, text, len);
}

/* --- waiting */

void terminal_wake(void)
{
	tell(WOKEN);
}

static unsigned events_of_pipe(void)
{
	char what[64];
	ssize_t n = read(terminal.wake[0], what, sizeof(what));
	unsigned events = 0;

	for (ssize_t i = 0; i < n; i++) {
		if (what[i] == GO_ON && !taken)
			take_screen();
		events |= what[i] == WOKEN ? TERMINAL_WOKEN : what[i] == ENDS ? TERMINAL_END : TERMINAL_DRAW;
	}
	return events;
}

static unsigned read_keys(void)
{
	ssize_t n;

	if (terminal.next_key < terminal.n_keys)
		return TERMINAL_KEY;
	terminal.next_key = terminal.n_keys = 0;
	n = read(terminal.fd, terminal.keys, sizeof(terminal.keys));
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		return TERMINAL_END;
	terminal.n_keys = n > 0 ? (size_t)n : 0;
	return n > 0 ? TERMINAL_KEY : 0;
}

unsigned terminal_wait(int ms)
{
	struct pollfd fds[] = {{.fd = terminal.wake[0], .events = POLLIN}, {.fd = terminal.fd, .events = POLLIN}};
	unsigned events = 0;

	if (terminal.next_key < terminal.n_keys)
		return TERMINAL_KEY;
	if (poll(fds, 2, ms) <= 0)
		return 0;
	if (fds[0].revents & POLLIN)
		events |= events_of_pipe();
	if (fds[1].revents)
		events |= read_keys();
	return events;
}

/* --- keys */

static int take_byte(void)
{
	return terminal.next_key < terminal.n_keys ? (unsigned char)terminal.keys[terminal.next_key++] : 0;
}

static int key_of(int final, int number)
{
	switch (final) {
	case 'A':
		return LIVE_KEY_UP;
	case 'B':
		return LIVE_KEY_DOWN;
	case 'C':
		return LIVE_KEY_RIGHT;
	case 'D':
		return LIVE_KEY_LEFT;
	case 'H':
		return LIVE_KEY_HOME;
	case 'F':
		return LIVE_KEY_END;
	case '~':
		return number == 5                  ? LIVE_KEY_PAGE_UP
		       : number == 6                ? LIVE_KEY_PAGE_DOWN
		       : number == 1 || number == 7 ? LIVE_KEY_HOME
		       : number == 4 || number == 8 ? LIVE_KEY_END
						    : LIVE_KEY_NONE;
	default:
		return LIVE_KEY_NONE;
	}
}

/* Behind ESC: what a key sends comes in one piece. Anything else is skipped. */
static int take_sequence(void)
{
	int byte = take_byte(), number = 0;

	if (byte != '[' && byte != 'O')
		return LIVE_KEY_NONE;
	while ((byte = take_byte()) && ((byte >= '0' && byte <= '9') || byte == ';'))
		if (byte != ';' && number < 1000)
			number = number * 10 + byte - '0';
	return key_of(byte, number);
}

int terminal_key(void)
{
	while (terminal.next_key < terminal.n_keys) {
		int byte = take_byte(), key = byte == '\033' ? take_sequence() : byte;

		if (key)
			return key;
	}
	return 0;
}
