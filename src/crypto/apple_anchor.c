/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/apple_anchor.h"

#include <assert.h>
#include <pthread.h>

#include "crypto/der.h"
#include "util/mem.h"

static struct cert *anchors; /* zeros: not decoded yet */
static X509_NAME **subjects;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* TBSCertificate: [0] version, serial, algorithm, issuer, validity, subject. */
static X509_NAME *read_subject(struct slice der)
{
	struct slice in = { 0 }, tbs = { 0 }, content = { 0 };
	struct error ignored = { 0 };
	const unsigned char *p = NULL;
	unsigned tag = 0;

	bool ok = der_expect(&der, DER_SEQUENCE, &in, &ignored) &&
	          der_expect(&in, DER_SEQUENCE, &tbs, &ignored);
	for (int i = 0; ok && i < 6; i++) {
		p = tbs.p;
		ok = der_next(&tbs, &tag, &content, &ignored);
	}
	return ok ? d2i_X509_NAME(NULL, &p, (long)(tbs.p - p)) : NULL;
}

/* What is embedded can be read: a test reads all of it. */
static void read_subjects(void)
{
	anchors = mem_zero(apple_cert_count, sizeof *anchors);
	subjects = mem_zero(apple_cert_count, sizeof(X509_NAME *));
	for (size_t i = 0; i < apple_cert_count; i++) {
		subjects[i] =
			read_subject(slice_of(apple_certs[i].der, apple_certs[i].n));
		assert(subjects[i] != NULL);
	}
}

static void prepare(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_subjects);
}

const struct cert *apple_anchor(size_t i)
{
	const struct apple_cert *row = &apple_certs[i];
	struct error err = { 0 };
	bool ok = true;

	prepare();
	pthread_mutex_lock(&lock);
	if (anchors[i].x509 == NULL)
		ok = cert_parse(&anchors[i], slice_of(row->der, row->n), &err);
	pthread_mutex_unlock(&lock);
	assert(ok);
	(void)ok;
	return &anchors[i];
}

bool apple_anchor_has_name(size_t i, const X509_NAME *name)
{
	prepare();
	return X509_NAME_cmp(subjects[i], name) == 0;
}
