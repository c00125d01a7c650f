/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit - the work that signing an .ipa again cannot avoid, and nothing else.
 *
 *     limit [--threads N] [--fused | --no-hash] --key KEY.pem IN.ipa OUT.ipa
 *
 * Maps the input, reads its central directory, inflates each entry once, hashes each
 * resource (SHA-1 and SHA-256), hashes each Mach-O file's pages (SHA-256) and each
 * nested one whole, makes one RSA signature for each, and writes an archive of the
 * same size: unchanged entries raw; of a Mach-O its old compressed bytes, with the
 * work of deflating a new head and a new tail.  Ends as the product does: fsync,
 * rename.  It parses no Mach-O and makes no property list, so its output is the input:
 * a byte that differs is a fault of this program.  Prints what it did.
 *
 * --fused    SHA-1 and SHA-256 in one pass, pages side by side
 * --no-hash  no resource is inflated or hashed: what a cache could save
 */
#include <libdeflate.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "limit_hash.h"
#include "limit_zip.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/pool.h"

#define PAGE       4096
#define HEAD       ((size_t)128 << 10) /* of a Mach-O: deflated again */
#define CMS        ((size_t)16 << 10)  /* of its tail: beside 32 bytes a page */
#define LEVEL      6
#define COPY_BYTES ((uint64_t)4 << 20)

struct job {
	const struct limit_entry *entry; /* NULL: copy what lies between */
	uint64_t from, to;
};

struct limit {
	/* options */
	const char *key_file, *in, *out;
	unsigned threads;
	bool fused, no_hash;

	struct file_map map;
	struct limit_zip zip;
	struct file_new file;
	EVP_PKEY *key;
	struct job *jobs;
	size_t count, cap;
	atomic_size_t next;
	atomic_size_t resources, signatures, nested; /* done so far */
};

static void limit_free(struct limit *l)
{
	file_discard(&l->file);
	EVP_PKEY_free(l->key);
	free(l->jobs);
	limit_zip_free(&l->zip);
	file_unmap(&l->map);
}

/* What one thread has for itself. */
struct worker {
	struct libdeflate_decompressor *inflater;
	struct libdeflate_compressor *deflater;
	struct limit_hash *hash;
	unsigned char *bytes; /* of the entry it is at */
	size_t room;
	unsigned char packed[2 * HEAD];
};

static void drop_worker(struct worker **w)
{
	libdeflate_free_decompressor((*w)->inflater);
	libdeflate_free_compressor((*w)->deflater);
	drop_limit_hash(&(*w)->hash);
	free((*w)->bytes);
	free(*w);
}

static bool write_at(struct limit *l, uint64_t from, uint64_t to, struct error *err)
{
	while (from < to) {
		ssize_t n = pwrite(l->file.fd, l->map.bytes.p + from,
		                   (size_t)(to - from), (off_t)from);
		if (n <= 0)
			return error_set_errno(err, "could not write \"%s\"", l->out);
		from += (uint64_t)n;
	}
	return true;
}

static bool inflate(struct worker *w, const struct limit *l,
                    const struct limit_entry *e, struct error *err)
{
	if (w->room < e->size) {
		free(w->bytes);
		w->room = e->size;
		w->bytes = mem_resize(NULL, w->room);
	}
	if (e->method == 0)
		memcpy(w->bytes, l->map.bytes.p + e->data, e->size);
	else if (libdeflate_deflate_decompress(w->inflater, l->map.bytes.p + e->data,
	                                       e->packed_size, w->bytes, e->size,
	                                       NULL) != LIBDEFLATE_SUCCESS)
		return error_set(err, ERROR_FORMAT, "could not inflate");
	return true;
}

static void deflate(struct worker *w, const unsigned char *bytes, size_t n)
{
	while (n > 0) {
		size_t part = n < HEAD ? n : HEAD;

		libdeflate_deflate_compress(w->deflater, bytes, part, w->packed,
		                            sizeof w->packed);
		bytes += part;
		n -= part;
	}
}

static bool sign(const struct limit *l, const unsigned char digest[32],
                 struct error *err)
{
	unsigned char signature[1024];
	size_t n = sizeof signature;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(l->key, NULL);
	bool ok = ctx != NULL && EVP_PKEY_sign_init(ctx) > 0 &&
	          EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	          EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
	          EVP_PKEY_sign(ctx, signature, &n, digest, 32) > 0;

	EVP_PKEY_CTX_free(ctx);
	return ok || error_set(err, ERROR_CRYPTO, "could not sign");
}

/* A Mach-O file: pages, signature, head and tail, whole if it is nested. */
static bool do_code(struct worker *w, struct limit *l, const struct limit_entry *e,
                    struct error *err)
{
	unsigned char digest[32];
	size_t n = e->size, tail = n / PAGE * 32 + CMS;

	limit_hash_pages(digest, w->hash, slice_of(w->bytes, n), PAGE);
	if (!sign(l, digest, err))
		return false;
	l->signatures++;
	if (!e->is_main) {
		limit_hash_pair(w->hash, slice_of(w->bytes, n));
		l->nested++;
	}
	deflate(w, w->bytes, n < HEAD ? n : HEAD);
	if (tail > n)
		tail = n;
	deflate(w, w->bytes + n - tail, tail);
	/* Kept: an optimiser must not see that nobody wants the sum. */
	w->packed[0] = (unsigned char)libdeflate_crc32(0, w->bytes, n);
	return write_at(l, e->data, e->data + e->packed_size, err);
}

static bool do_job(struct worker *w, struct limit *l, const struct job *job,
                   struct error *err)
{
	if (job->entry == NULL)
		return write_at(l, job->from, job->to, err);
	if (!inflate(w, l, job->entry, err))
		return false;
	if (job->entry->is_code)
		return do_code(w, l, job->entry, err);
	limit_hash_pair(w->hash, slice_of(w->bytes, job->entry->size));
	l->resources++;
	return true;
}

static bool work(void *ctx, size_t thread, struct error *err)
{
	struct limit *l = ctx;
	AUTO(drop_worker) struct worker *w = mem_zero(1, sizeof *w);

	(void)thread;
	w->inflater = libdeflate_alloc_decompressor();
	w->deflater = libdeflate_alloc_compressor(LEVEL);
	w->hash = limit_hash_new(l->fused);
	if (w->inflater == NULL || w->deflater == NULL)
		return error_set(err, ERROR_INTERNAL, "could not start deflating");
	for (;;) {
		size_t i = atomic_fetch_add(&l->next, 1);

		if (i >= l->count)
			return true;
		if (!do_job(w, l, &l->jobs[i], err))
			return false;
	}
}

/* ---- what there is to do ---- */

static void add_job(struct limit *l, struct job job)
{
	l->jobs = mem_grow(l->jobs, l->count, &l->cap, sizeof *l->jobs);
	l->jobs[l->count++] = job;
}

static void add_copies(struct limit *l, uint64_t from, uint64_t to)
{
	for (; from < to; from += COPY_BYTES)
		add_job(l,
		        (struct job){
				.from = from,
				.to = to - from < COPY_BYTES ? to : from + COPY_BYTES,
			});
}

static int largest_first(const void *a, const void *b, const void *ctx)
{
	const struct limit_entry *x = ((const struct job *)a)->entry;
	const struct limit_entry *y = ((const struct job *)b)->entry;

	(void)ctx;
	if (x->is_code != y->is_code)
		return x->is_code ? -1 : 1;
	return x->size > y->size ? -1 : x->size < y->size;
}

/* Code, then resources, with the copying spread evenly among them. */
static void plan(struct limit *l)
{
	struct limit hashes = { 0 }, copies = { 0 };
	uint64_t at = 0;

	for (size_t i = 0; i < l->zip.count; i++) {
		const struct limit_entry *e = &l->zip.entries[i];

		if (e->is_code) {
			add_copies(&copies, at, e->data);
			at = e->data + e->packed_size;
		}
		if (e->size > 0 && (e->is_code || !l->no_hash))
			add_job(&hashes, (struct job){ .entry = e });
	}
	add_copies(&copies, at, l->map.bytes.n);
	if (hashes.count > 0)
		mem_sort(hashes.jobs, hashes.count, sizeof *hashes.jobs, largest_first,
		         NULL);
	size_t done = 0;
	for (size_t i = 0; i < hashes.count; i++) {
		add_job(l, hashes.jobs[i]);
		for (; done * hashes.count < (i + 1) * copies.count; done++)
			add_job(l, copies.jobs[done]);
	}
	for (; done < copies.count; done++)
		add_job(l, copies.jobs[done]);
	free(hashes.jobs);
	free(copies.jobs);
}

static bool read_key(struct limit *l, struct error *err)
{
	FILE *file = fopen(l->key_file, "re");

	if (file == NULL)
		return error_set_errno(err, "could not open \"%s\"", l->key_file);
	l->key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	return l->key != NULL ||
	       error_set(err, ERROR_FORMAT, "no key in \"%s\"", l->key_file);
}

static bool run(struct limit *l, struct error *err)
{
	if (!read_key(l, err) || !file_map(&l->map, l->in, err) ||
	    !limit_zip_read(&l->zip, l->map.bytes, err) ||
	    !file_create(&l->file, l->out, 0644, err))
		return false;
	plan(l);
	return pool_run(l->threads, l->threads, work, l, err) &&
	       file_commit(&l->file, err);
}

/* ---- the command ---- */

static bool parse(struct limit *l, int argc, char **argv)
{
	int i = 1;

	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--fused") == 0)
			l->fused = true;
		else if (strcmp(argv[i], "--no-hash") == 0)
			l->no_hash = true;
		else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
			l->threads = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--key") == 0 && i + 1 < argc)
			l->key_file = argv[++i];
		else
			return false;
	}
	if (argc - i != 2 || l->key_file == NULL || l->threads == 0)
		return false;
	l->in = argv[i];
	l->out = argv[i + 1];
	return true;
}

int main(int argc, char **argv)
{
	AUTO(limit_free)
	struct limit l = { .threads = pool_default_threads(), .file = FILE_NEW_INIT };
	struct error err = { 0 };

	if (!parse(&l, argc, argv)) {
		fputs("usage: limit [--threads N] [--fused | --no-hash] --key KEY.pem "
		      "IN.ipa OUT.ipa\n",
		      stderr);
		return 2;
	}
	if (run(&l, &err)) {
		printf("hashed %zu resources, signed %zu Mach-O files, %zu nested\n",
		       l.resources, l.signatures, l.nested);
		return 0;
	}
	error_print(&err, stderr, true);
	return 1;
}
