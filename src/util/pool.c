/* SPDX-License-Identifier: Apache-2.0 */
#include "util/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#endif

unsigned pool_default_threads(void)
{
	long n = -1;

#ifdef __linux__
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		n = CPU_COUNT(&set);
#endif
	if (n < 1)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	if (n < 1)
		return 1;
	return n > POOL_MAX_THREADS ? POOL_MAX_THREADS : (unsigned)n;
}

struct pool {
	size_t n;
	bool (*run)(void *ctx, size_t i, struct error *err);
	void *ctx;
	atomic_size_t next;  /* the next job to start */
	atomic_bool stopped; /* something failed: start no more */
	pthread_mutex_t lock;
	struct error first; /* under lock: the failure with the smallest index */
	size_t first_index;
};

static void note_failure(struct pool *p, size_t i, const struct error *err)
{
	atomic_store(&p->stopped, true);
	pthread_mutex_lock(&p->lock);
	if (i < p->first_index) {
		p->first_index = i;
		p->first = *err;
	}
	pthread_mutex_unlock(&p->lock);
}

static void *work(void *ctx)
{
	struct pool *p = ctx;

	while (!atomic_load(&p->stopped)) {
		struct error err = { 0 };
		size_t i = atomic_fetch_add(&p->next, 1);

		if (i >= p->n)
			break;
		if (!p->run(p->ctx, i, &err))
			note_failure(p, i, &err);
	}
	return NULL;
}

bool pool_run(unsigned threads, size_t n,
              bool (*run)(void *ctx, size_t i, struct error *err), void *ctx,
              struct error *err)
{
	struct pool p = { .n = n, .run = run, .ctx = ctx, .first_index = SIZE_MAX };
	pthread_t ids[POOL_MAX_THREADS];
	unsigned started = 0;

	if (threads > POOL_MAX_THREADS)
		threads = POOL_MAX_THREADS;
	pthread_mutex_init(&p.lock, NULL);
	/* This thread works too.  One that cannot be started is not missed. */
	while (started + 1 < threads && started + 1 < n &&
	       pthread_create(&ids[started], NULL, work, &p) == 0)
		started++;
	work(&p);
	for (unsigned i = 0; i < started; i++)
		pthread_join(ids[i], NULL);
	pthread_mutex_destroy(&p.lock);
	if (p.first_index == SIZE_MAX)
		return true;
	*err = p.first;
	return false;
}
