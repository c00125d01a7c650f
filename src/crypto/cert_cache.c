/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cert_cache.h"

#include <pthread.h>

#include "crypto/cert.h"
#include "util/mem.h"

static struct {
	struct slice der; /* owned */
	X509 *x509;
} kept[CERT_CACHE_MAX];
static size_t kept_count, oldest;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* With the lock held. */
static X509 *find(struct slice der)
{
	for (size_t i = 0; i < kept_count; i++)
		if (slice_equal(kept[i].der, der))
			return kept[i].x509;
	return NULL;
}

void cert_cache_keep(struct slice der, X509 *x509)
{
	if (der.n > CERT_MAX_BYTES)
		return;
	pthread_mutex_lock(&lock);
	if (find(der) == NULL) {
		bool is_full = kept_count == CERT_CACHE_MAX;
		size_t i = is_full ? oldest : kept_count++;

		if (is_full) {
			X509_free(kept[i].x509);
			mem_free(kept[i].der.p);
			oldest = (oldest + 1) % CERT_CACHE_MAX;
		}
		X509_up_ref(x509);
		kept[i].x509 = x509;
		kept[i].der = slice_of(mem_str(der.p, der.n), der.n);
	}
	pthread_mutex_unlock(&lock);
}

X509 *cert_cache_decode(struct slice der, size_t *more)
{
	const unsigned char *p = der.p;

	*more = 0;
	pthread_mutex_lock(&lock);
	X509 *x509 = find(der);
	if (x509 != NULL)
		X509_up_ref(x509);
	pthread_mutex_unlock(&lock);
	if (x509 != NULL)
		return x509;
	x509 = d2i_X509(NULL, &p, (long)der.n);
	if (x509 != NULL && p != der.p + der.n) {
		*more = (size_t)(der.p + der.n - p);
		X509_free(x509);
		return NULL;
	}
	if (x509 != NULL)
		cert_cache_keep(der, x509);
	return x509;
}
