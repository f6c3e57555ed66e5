/* ticks.c - see ticks.h */
#include "ticks.h"

#define ENOUGH(n)     ((n) - (n) / 16) /* the others cost more than they should */
#define NEARLY_ALL(n) ((n) - (n) / 64) /* it will not become better */
#define WINDOW_MIN    8                /* times, to draw a line through them */
#define WINDOW_FIRST  32768.0          /* ns; a length that short times tell holds so far */
#define LENGTH_FIRST  512.0            /* ns; of these the number of ticks is sure */
#define LENGTH_LAST   65536.0
#define TICK_MAX      (64 * SST_TICK_NS)
#define PLACE_BITS    16
#define STEP_BITS     36
#define POLISHES      2 /* as a rule this is enough */
#define POLISHES_MAX  6
#define OUTLIER       1.1 /* ns; what is farther from a line drawn through all is not a matter of rounding */

bool sst_ticks_are_valid(const struct sst_ticks *ticks)
{
	const uint64_t limit = SST_TICK_NS << 8;
	uint64_t odd = ticks->odd < 0 ? -(uint64_t)ticks->odd : (uint64_t)ticks->odd;

	return ticks->step >= SST_TICK_NS && ticks->step < limit && ticks->phase < limit && odd < ticks->step;
}

struct sst_tick_scale sst_tick_scale(const struct sst_ticks *ticks)
{
	double step = (double)ticks->step / SST_TICK_NS, phase = (double)ticks->phase / SST_TICK_NS;

	/* A time is its tick's rounded down, so half a nanosecond too early as a rule. */
	return (struct sst_tick_scale){.per_ns = 1 / step, .before = (0.5 - phase) / step + 0.5};
}

/* --- finding a clock: y = at + step × k, and odd for every odd k, as real numbers */

struct line {
	double origin; /* of y; all times are below 2^42 ns, so that nothing is rounded */
	double at, step, odd;
	double per_ns; /* 1 / step, as it was when the last look at the times began */
};

static double rounded(double v)
{
	return (double)(int64_t)(v < 0 ? v - 0.5 : v + 0.5);
}

static double floored(double v)
{
	double whole = (double)(int64_t)v;

	return whole > v ? whole - 1 : whole;
}

static bool is_odd(double k)
{
	return (int64_t)k & 1;
}

static double residue(const struct line *line, double y, double *k)
{
	*k = rounded((y - line->at) * line->per_ns);
	return y - line->at - *k * line->step - (is_odd(*k) ? line->odd : 0);
}

/* What has gone astray may not go on: numbers of ticks must remain numbers. */
static bool is_sane(const struct line *line)
{
	return line->step > 1 && line->step < 256 && line->at > -1e9 && line->at < 1e9 && line->odd > -256 &&
	       line->odd < 256;
}

/* Least squares over the times that are not farther than width from the origin, if there are enough. */
static bool fit(struct line *line, const uint64_t *times, size_t n, double width)
{
	double count = 0, k_sum = 0, r_sum = 0, kk = 0, kr = 0, k, spread;

	line->per_ns = 1 / line->step;
	for (size_t i = 0; i < n; i++) {
		double y = (double)(int64_t)times[i] - line->origin, r;

		if (y > width || y < -width)
			continue;
		r = residue(line, y, &k);
		count++;
		k_sum += k;
		r_sum += r;
		kk += k * k;
		kr += k * r;
	}
	spread = count * kk - k_sum * k_sum;
	if (count < WINDOW_MIN || spread <= 0)
		return true;
	k = (count * kr - k_sum * r_sum) / spread;
	line->step += k;
	line->at += (r_sum - k * k_sum) / count;
	return is_sane(line);
}

/* Wider and wider, as the length of a tick is known better and better. */
static bool follow(struct line *line, const uint64_t *times, size_t n, double span, bool precise)
{
	for (double width = WINDOW_FIRST; width < span && !precise; width *= 2)
		if (!fit(line, times, n, width))
			return false;
	return fit(line, times, n, span);
}

/* Longer ones tell it more precisely, once the shorter ones have told how many ticks they are. */
uint64_t sst_tick_length(const uint64_t *lengths, size_t n, uint64_t rough)
{
	double step = (double)rough / SST_TICK_NS;

	for (double width = LENGTH_FIRST; width <= LENGTH_LAST && step > 1; width *= 2) {
		double count = 0, kk = 0, ky = 0;

		for (size_t i = 0; i < n; i++) {
			double y = lengths[i] <= (uint64_t)width ? (double)(int64_t)lengths[i] : 0,
			       k = rounded(y / step);

			count += k > 0;
			kk += k * k;
			ky += k * y;
		}
		if (count >= WINDOW_MIN)
			step = ky / kk;
	}
	return (uint64_t)(step * SST_TICK_NS);
}

/* The second largest and the second smallest of some numbers: one that does not belong there does no harm. */
struct extremes {
	double max[2], min[2];
};

static const struct extremes no_extremes = {.max = {-1e9, -1e9}, .min = {1e9, 1e9}};

static void note(struct extremes *e, double r)
{
	if (r > e->max[1]) {
		e->max[1] = r > e->max[0] ? e->max[0] : r;
		e->max[0] = r > e->max[0] ? r : e->max[0];
	}
	if (r < e->min[1]) {
		e->min[1] = r < e->min[0] ? e->min[0] : r;
		e->min[0] = r < e->min[0] ? r : e->min[0];
	}
}

static void join(struct extremes *e, const struct extremes *more)
{
	for (unsigned i = 0; i < 2; i++) {
		if (more->max[i] > no_extremes.max[0])
			note(e, more->max[i]);
		if (more->min[i] < no_extremes.min[0])
			note(e, more->min[i]);
	}
}

static bool is_empty(const struct extremes *e)
{
	return e->max[1] < e->min[1];
}

static double middle(const struct extremes *e)
{
	return is_empty(e) ? 0 : (e->max[1] + e->min[1]) / 2;
}

/* What is left of some times when the line is taken away: of even and odd ticks, in three parts of the frame. */
struct leftovers {
	struct extremes part[2][3];
};

static void look(struct leftovers *left, const struct line *line, const uint64_t *times, size_t n, double first,
		 double span)
{
	double scale = 2.9999 / span, k;

	for (unsigned odd = 0; odd < 2; odd++)
		for (unsigned part = 0; part < 3; part++)
			left->part[odd][part] = no_extremes;
	for (size_t i = 0; i < n; i++) {
		double time = (double)(int64_t)times[i], r = residue(line, time - line->origin, &k);

		if (r > -OUTLIER && r < OUTLIER)
			note(&left->part[is_odd(k)][(size_t)((time - first) * scale)], r);
	}
}

static double middle_of_parity(const struct leftovers *left, unsigned odd)
{
	struct extremes all = no_extremes;

	for (unsigned part = 0; part < 3; part++)
		join(&all, &left->part[odd][part]);
	return middle(&all);
}

/* Of one part, if the middles of both parities were zero. */
static double middle_of_part(const struct leftovers *left, unsigned part, double even, double odd)
{
	double a = middle(&left->part[0][part]) - even, b = middle(&left->part[1][part]) - odd;

	return is_empty(&left->part[0][part]) ? b : is_empty(&left->part[1][part]) ? a : (a + b) / 2;
}

/*
 * All times are rounded down, so what is left of them fills one nanosecond evenly: its middle is known much better from
 * its ends than from its mean. Even ticks against odd ones, and the beginning of the frame against its end.
 */
static bool polish(struct line *line, const uint64_t *times, size_t n, double first, double span, bool halved)
{
	struct leftovers left;
	double even, odd, begin, end, tilt;

	line->per_ns = 1 / line->step;
	look(&left, line, times, n, first, span);
	even = middle_of_parity(&left, 0);
	odd = middle_of_parity(&left, 1);
	if (!halved)
		even = odd = (even + odd) / 2;
	begin = middle_of_part(&left, 0, even, odd);
	end = middle_of_part(&left, 2, even, odd);
	tilt = (end - begin) * 3 / (2 * span); /* per ns, between the middles of these parts */
	line->odd += odd - even;
	line->step += tilt * line->step;
	line->at += even + (begin + end) / 2 - tilt * (first + span / 2 - line->origin);
	return is_sane(line);
}

/* Tick number -n of the line, after the beginning of the frame. */
static double phase_of(const struct line *line, double n)
{
	return line->origin + line->at + 0.5 - n * line->step + (is_odd(n) ? line->odd : 0);
}

/* In 2^-40 ns, but no finer than 2^-bits: whatever a processor does to the last bits of a real number, the clock of a
 * file is the same. */
static int64_t coarse(double ns, unsigned bits)
{
	return (int64_t)rounded(ns * (double)(UINT64_C(1) << bits)) * (INT64_C(1) << (SST_TICK_BITS - bits));
}

/* Tick 0 is the first one at the beginning of the frame or behind it. */
static struct sst_ticks ticks_of(const struct line *line)
{
	double n = floored((line->origin + line->at + 0.5) / line->step);

	if (phase_of(line, n) < 0)
		n--;
	return (struct sst_ticks){
		.phase = (uint64_t)coarse(phase_of(line, n), PLACE_BITS),
		.step = (uint64_t)coarse(line->step, STEP_BITS),
		.odd = coarse(is_odd(n) ? -line->odd : line->odd, PLACE_BITS),
	};
}

static size_t count_exact(const struct sst_ticks *ticks, const uint64_t *times, size_t n)
{
	struct sst_tick_scale scale = sst_tick_scale(ticks);
	struct sst_tick_times tick_times = sst_tick_times(ticks);
	size_t exact = 0;

	for (size_t i = 0; i < n; i++)
		exact += sst_tick_time(&tick_times, sst_tick_of(&scale, times[i])) == times[i];
	return exact;
}

/*
 * What sst_tick_of() relies on: no time from the beginning on is nearer to tick -1 than to tick 0, and none is 128 ns
 * from the tick it gets. Clocks beyond that are allowed, and nobody has one.
 */
static bool is_usable(const struct sst_ticks *ticks)
{
	uint64_t odd = ticks->odd < 0 ? -(uint64_t)ticks->odd : (uint64_t)ticks->odd;

	return sst_ticks_are_valid(ticks) && ticks->step <= TICK_MAX && odd <= ticks->step / 2 &&
	       ticks->phase <= ticks->step + ticks->step / 2;
}

/* If by the clock of this line more times than best are exactly those of its ticks, it is *ticks, and they are best. */
static void try(const struct line *line, const uint64_t *times, size_t n, struct sst_ticks *ticks, size_t *best)
{
	struct sst_ticks tried = ticks_of(line);
	size_t exact = is_usable(&tried) ? count_exact(&tried, times, n) : 0;

	if (exact <= *best)
		return;
	*best = exact;
	*ticks = tried;
}

/* Lines near this one, nearer and nearer, until one is good. */
static void settle(struct line line, const uint64_t *times, size_t n, double first, double span, bool halved,
		   struct sst_ticks *ticks, size_t *best)
{
	for (unsigned i = 1; i <= POLISHES_MAX && *best < NEARLY_ALL(n); i++) {
		if (!polish(&line, times, n, first, span, halved))
			return;
		if (i >= POLISHES)
			try(&line, times, n, ticks, best);
	}
}

bool sst_ticks_find(struct sst_ticks *ticks, const uint64_t *times, size_t n, uint64_t step, bool precise)
{
	struct line line = {.step = (double)step / SST_TICK_NS, .at = 0};
	uint64_t first = UINT64_MAX, last = 0;
	bool halved = precise && ticks->odd != 0;
	size_t best = 0;
	double span;

	for (size_t i = 0; i < n; i++) {
		first = times[i] < first ? times[i] : first;
		last = times[i] > last ? times[i] : last;
	}
	if (n < WINDOW_MIN || first == last || !is_sane(&line))
		return false;
	line.origin = (double)(int64_t)times[0];
	span = (double)(int64_t)(last - first);
	if (!follow(&line, times, n, span, precise))
		return false;
	settle(line, times, n, (double)(int64_t)first, span, halved, ticks, &best);
	settle(line, times, n, (double)(int64_t)first, span, !halved, ticks, &best);
	if (best < NEARLY_ALL(n))
		try(&line, times, n, ticks, &best);
	return best >= ENOUGH(n);
}
