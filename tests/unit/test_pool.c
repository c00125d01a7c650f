/* SPDX-License-Identifier: Apache-2.0 */
#include "util/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "support/harness.h"

#define JOBS 1000

struct work {
	atomic_uint runs[JOBS];
	atomic_size_t started;
	size_t fail_from, fail_every; /* 0: none fails */
	pthread_t caller;
	atomic_uint elsewhere; /* jobs not in the caller's thread */
};

static bool run(void *ctx, size_t i, struct error *err)
{
	struct work *w = ctx;

	atomic_fetch_add(&w->started, 1);
	atomic_fetch_add(&w->runs[i], 1);
	if (!pthread_equal(pthread_self(), w->caller))
		atomic_fetch_add(&w->elsewhere, 1);
	if (w->fail_every != 0 && i >= w->fail_from && i % w->fail_every == 0)
		return error_set(err, ERROR_FORMAT, "job %zu failed", i);
	return true;
}

static unsigned runs_in_all(struct work *w)
{
	unsigned n = 0;

	for (size_t i = 0; i < JOBS; i++)
		n += atomic_load(&w->runs[i]);
	return n;
}

TEST(runs_each_job_once)
{
	static const unsigned threads[] = { 0, 1, 2, 7, POOL_MAX_THREADS, 1000 };

	for (size_t t = 0; t < ARRAY_LEN(threads); t++) {
		static struct work w;
		struct error err = { 0 };

		memset(&w, 0, sizeof w);
		w.caller = pthread_self();
		REQUIRE_OK(pool_run(threads[t], JOBS, run, &w, &err), &err);
		for (size_t i = 0; i < JOBS; i++)
			CHECK(atomic_load(&w.runs[i]) == 1);
		CHECK(threads[t] > 1 || atomic_load(&w.elsewhere) == 0);
	}
}

TEST(does_nothing_when_there_is_nothing)
{
	static struct work w;
	struct error err = { 0 };

	REQUIRE_OK(pool_run(4, 0, run, &w, &err), &err);
	CHECK(runs_in_all(&w) == 0);
}

TEST(reports_the_failure_with_the_smallest_index)
{
	for (int round = 0; round < 50; round++) {
		static struct work w;
		struct error err = { 0 };

		memset(&w, 0, sizeof w);
		w.fail_from = 20;
		w.fail_every = 5;
		CHECK(!pool_run(8, JOBS, run, &w, &err));
		CHECK_STR(err.message, "job 20 failed");
		CHECK(err.code == ERROR_FORMAT);
	}
}

TEST(starts_no_more_jobs_after_a_failure)
{
	static struct work w;
	struct error err = { 0 };

	w.caller = pthread_self();
	w.fail_from = 3;
	w.fail_every = 1;
	CHECK_FAILS(pool_run(1, JOBS, run, &w, &err), &err, ERROR_FORMAT, "job 3");
	CHECK(runs_in_all(&w) == 4);
	memset(&w, 0, sizeof w);
	w.fail_from = 3;
	w.fail_every = 1;
	CHECK_FAILS(pool_run(4, JOBS, run, &w, &err), &err, ERROR_FORMAT, "job 3");
	CHECK(runs_in_all(&w) < 3 + 8); /* what was under way */
}

/* Two jobs that wait for each other end only if both run at once. */
static bool meet(void *ctx, size_t i, struct error *err)
{
	atomic_uint *here = ctx;

	(void)i;
	atomic_fetch_add(here, 1);
	for (int ms = 0; ms < 5000 && atomic_load(here) < 2; ms++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	if (atomic_load(here) < 2)
		return error_set(err, ERROR_INTERNAL, "nobody came");
	return true;
}

TEST(runs_jobs_at_the_same_time)
{
	struct error err = { 0 };
	atomic_uint here = 0;

	REQUIRE_OK(pool_run(2, 2, meet, &here, &err), &err);
}

/* Both jobs are under way; `first` fails before the other one does. */
struct race {
	atomic_uint started, failed;
	size_t first;
};

static bool lose(void *ctx, size_t i, struct error *err)
{
	struct race *r = ctx;
	atomic_uint *wait_for = i == r->first ? &r->started : &r->failed;
	unsigned enough = i == r->first ? 2 : 1;

	atomic_fetch_add(&r->started, 1);
	for (int ms = 0; ms < 5000 && atomic_load(wait_for) < enough; ms++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	atomic_fetch_add(&r->failed, 1);
	if (i != r->first) /* let the other one be noted */
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	return error_set(err, ERROR_FORMAT, "job %zu failed", i);
}

TEST(reports_the_smallest_index_whichever_fails_first)
{
	for (size_t first = 0; first < 2; first++) {
		struct error err = { 0 };
		struct race r = { .first = first };

		CHECK_FAILS(pool_run(2, 2, lose, &r, &err), &err, ERROR_FORMAT,
		            "job 0 failed");
	}
}

TEST(knows_a_sensible_number_of_threads)
{
	unsigned n = pool_default_threads();

	CHECK(n >= 1 && n <= POOL_MAX_THREADS);
}
