#include "step.h"

#define STEP_MIN    (4u << SST_STEP_BITS) /* below, there is little to win */
#define STEP_MAX    (64u << SST_STEP_BITS)
#define ENOUGH(n)   ((n) - (n) / 8) /* the others were measured across an adjustment of the clock */
#define TIME_MIN    16              /* ns; smaller ones say nothing */
#define SMALL       1024            /* ns */
#define MEDIUM      8192
#define ATTEMPTS    4 /* steps that are looked at closely */
#define SAMPLES_MIN 48
#define SAMPLES_MAX 128 /* of each round */

/* How many of up to SAMPLES_MAX times below limit are multiples; *n: of how many. */
static size_t count(uint32_t step, const uint64_t *times, size_t n_times, uint64_t limit, size_t *n)
{
	struct sst_step s = sst_step_make(step);
	size_t fitting = 0;
	uint64_t code;

	*n = 0;
	for (size_t i = 0; i < n_times && *n < SAMPLES_MAX; i++) {
		if (times[i] >= limit || times[i] < TIME_MIN)
			continue;
		++*n;
		fitting += sst_step_code(&s, times[i], &code);
		if (*n == 16 && fitting < 12)
			break; /* not this one */
	}
	return fitting;
}

bool sst_step_fits(const struct sst_step *step, const uint64_t *times, size_t n)
{
	size_t sampled, fitting = step->step ? count(step->step, times, n, SST_STEP_LIMIT, &sampled) : 0;

	return step->step && sampled >= SAMPLES_MIN && fitting >= ENOUGH(sampled);
}

/* The best step within 1/width of the one given, for times below limit: the middle of those that fit most. */
static uint32_t refine(uint32_t step, uint32_t width, uint64_t limit, const uint64_t *times, size_t n_times)
{
	uint32_t delta = (uint32_t)(step / (4 * limit)) + 1, first = step, last = step;
	size_t n, most = 0;

	for (uint32_t s = step - step / width; s <= step + step / width; s += delta) {
		size_t fitting = count(s, times, n_times, limit, &n);

		if (fitting > most)
			first = s;
		if (fitting >= most) {
			most = fitting;
			last = s;
		}
	}
	return first + (last - first) / 2;
}

static size_t count_below(const uint64_t *times, size_t n, uint64_t limit)
{
	size_t below = 0;

	for (size_t i = 0; i < n; i++)
		below += times[i] < limit && times[i] >= TIME_MIN;
	return below;
}

/* As sst_step_find(), by times that are not small where there are too few small ones: that takes longer. */
static struct sst_step find_by(uint32_t first, const uint64_t *times, size_t n)
{
	struct sst_step found;
	unsigned attempts = 0;
	size_t sampled;

	for (uint32_t step = STEP_MAX; step >= STEP_MIN && attempts < ATTEMPTS; step -= step / (2 * first) + 1) {
		if (count(step, times, n, first, &sampled) < ENOUGH(sampled) || sampled < SAMPLES_MIN)
			continue;
		attempts++;
		found.step = refine(step, first / 2, first, times, n);
		if (first < MEDIUM)
			found.step = refine(found.step, 1024, MEDIUM, times, n);
		found = sst_step_make(refine(found.step, 8192, SST_STEP_LIMIT, times, n));
		if (count(found.step, times, n, SST_STEP_LIMIT, &sampled) >= ENOUGH(sampled))
			return found;
		step -= step / 64; /* not its neighbours as well */
	}
	return (struct sst_step){0};
}

/*
 * Small times tell the step roughly, then larger ones more and more precisely. From above, since a half of the step
 * would do as well.
 */
struct sst_step sst_step_find(const uint64_t *times, size_t n)
{
	if (count_below(times, n, SMALL) >= SAMPLES_MIN)
		return find_by(SMALL, times, n);
	if (count_below(times, n, MEDIUM) >= SAMPLES_MIN)
		return find_by(MEDIUM, times, n);
	return (struct sst_step){0};
}
