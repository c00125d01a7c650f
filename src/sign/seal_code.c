/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One executable: its load commands, code directories, CMS message, superblob
 * (spec codesign.md 1.3 to 1.6, 2, 5, 12 steps 5 to 7).
 */
#include <stdlib.h>
#include <string.h>

#include "codesign/entitlements.h"
#include "codesign/requirement.h"
#include "codesign/signature.h"
#include "macho/layout.h"
#include "sign/execute_impl.h"
#include "util/mem.h"

#define MAX_DIGESTS 2
#define MAX_BLOBS   8

/* What others reserve for a CMS message is 9 to 18 KB, of which ours takes 5. */
#define AREA_SPARE ((size_t)32 << 10)

/* Bytes of a blob's header, and of one entry of a superblob's index. */
#define BLOB_HEADER 8
#define INDEX_ENTRY 8

/* One slice on its way. */
struct slice_job {
	const struct code_parts *parts;
	const struct code *code;
	size_t slice; /* of the code */
	const struct macho_slice *old;
	struct macho_layout layout;
	enum digest digests[MAX_DIGESTS];
	size_t digest_count;
	struct buf requirements;
	struct codedir_new how; /* all but the digest */
	struct buf cds[MAX_DIGESTS];
	struct buf cms;       /* whole blob */
	struct buf superblob; /* what goes into the file */
};

static void slice_job_free(struct slice_job *job)
{
	macho_layout_free(&job->layout);
	buf_free(&job->requirements);
	for (size_t i = 0; i < MAX_DIGESTS; i++)
		buf_free(&job->cds[i]);
	buf_free(&job->cms);
	buf_free(&job->superblob);
}

static bool is_adhoc(const struct slice_job *job)
{
	return job->parts->chain->count == 0;
}

static struct signature_signer signer_of(const struct slice_job *job)
{
	const struct sign_request *request = job->parts->request;

	return (struct signature_signer){ .cert = job->parts->chain->certs[0],
		                          .chain = job->parts->chain,
		                          .key = request->key,
		                          .time_s = request->signing_time_s != 0
		                                            ? request->signing_time_s
		                                            : request->time_s };
}

static bool make_requirements(struct slice_job *job, struct error *err)
{
	struct slice stated = job->parts->request->requirement;

	job->requirements = BUF_INIT(CODESIGN_MAX_BYTES);
	if (stated.n > 0 && job->parts->step->bundle->depth == 0)
		return requirement_build_stated(&job->requirements, stated,
		                                job->old->dylib_drs, err);
	return requirement_build_designated(&job->requirements,
	                                    job->parts->step->identifier,
	                                    job->parts->chain, job->old->dylib_drs,
	                                    err);
}

/* tvOS takes pages of 4096 bytes only (spec 1.8). */
static unsigned page_size_log2(const struct slice_job *job)
{
	return job->old->platform == MACHO_PLATFORM_TVOS
	               ? 12
	               : job->parts->request->page_size_log2;
}

/* Everything of the code directory but the digest and the code. */
static void describe(struct slice_job *job)
{
	const struct code_parts *parts = job->parts;
	const struct sign_step *step = parts->step;
	const struct macho_slice *s = job->old;
	uint64_t flags = macho_is_main(s) ? CODEDIR_EXEC_MAIN : 0;

	if (step->entitlements != NULL && macho_is_main(s))
		flags |= entitlements_exec_flags(step->entitlements);
	job->how = (struct codedir_new){
		.identifier = step->identifier,
		.team = step->team,
		.flags = is_adhoc(job) ? CODEDIR_FLAG_ADHOC : 0,
		.page_size_log2 = page_size_log2(job),
		.has_platform = s->platform != MACHO_PLATFORM_UNKNOWN,
		.code_limit = job->layout.code_limit,
		.exec_seg_base = s->text_fileoff,
		.exec_seg_limit = s->text_filesize,
		.exec_seg_flags = flags,
	};
	job->how.special[SLOT_INFO] = parts->info.n > 0 ? parts->info : s->info_plist;
	job->how.special[SLOT_REQUIREMENTS] = buf_slice(&job->requirements);
	job->how.special[SLOT_RESOURCES] = parts->resources;
	if (macho_is_main(s)) {
		job->how.special[SLOT_ENTITLEMENTS] = buf_slice(&parts->xml);
		job->how.special[SLOT_ENTITLEMENTS_DER] = buf_slice(&parts->der);
	}
}

static size_t signature_size(const struct slice_job *job)
{
	struct codedir_new how = job->how;
	size_t n = BLOB_HEADER + 4 + MAX_BLOBS * INDEX_ENTRY + BLOB_HEADER;

	for (size_t i = 0; i < job->digest_count; i++) {
		how.digest = job->digests[i];
		n += codedir_size(&how);
	}
	n += job->how.special[SLOT_REQUIREMENTS].n;
	n += job->how.special[SLOT_ENTITLEMENTS].n;
	n += job->how.special[SLOT_ENTITLEMENTS_DER].n;
	if (!is_adhoc(job)) {
		struct signature_signer signer = signer_of(job);
		n += signature_cms_max(&signer, job->digest_count);
	}
	return n;
}

/* An area that is a little too large is kept: then the header stays as it is. */
static uint32_t area_size(const struct slice_job *job, size_t need)
{
	uint32_t old = job->old->sig_size;

	return need <= old && old - need <= AREA_SPARE ? old : (uint32_t)need;
}

/*
 * Header edits come before hashing, so the room for the signature is settled
 * first: code_limit does not depend on it, a first layout with none tells it.
 */
static bool lay_out(struct slice_job *job, struct error *err)
{
	if (!macho_layout_slice(&job->layout, job->old, 16, err))
		return false;
	describe(job);
	size_t size = signature_size(job);
	macho_layout_free(&job->layout);
	job->layout = (struct macho_layout){ 0 };
	if (size > CODESIGN_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "the signature would have %zu bytes",
		                 size);
	return macho_layout_slice(&job->layout, job->old, area_size(job, size), err);
}

/*
 * Hashes of the pages that signing does not touch: those behind the load commands,
 * and the last one where the code ends as it did.
 */
static void use_known_pages(struct codedir_new *how, const struct code_pages *old,
                            const struct macho_layout *layout)
{
	const uint64_t page = old->page_size;
	const size_t size = digest_size(old->digest);
	uint64_t first = (layout->head.n + page - 1) / page;
	uint64_t end = layout->keep_end < old->limit ? layout->keep_end : old->limit;

	end = layout->code_limit == old->limit && end == old->limit
	              ? old->hashes.n / size
	              : end / page;
	if (first >= end)
		return;
	how->known_first = first;
	how->known_pages =
		slice_of(old->hashes.p + first * size, (size_t)(end - first) * size);
}

static bool make_code_directory(struct slice_job *job, size_t i, struct error *err)
{
	AUTO(code_pages_free) struct code_pages again = { 0 };
	struct macho_pieces pieces = { 0 };
	uint64_t page_size = (uint64_t)1 << job->how.page_size_log2;
	const struct code_pages *old =
		code_find_pages(job->code, job->slice, job->digests[i], page_size);

	if (old == NULL) {
		if (!code_hash_pages(&again, job->code, job->slice, job->digests[i],
		                     page_size, err))
			return false;
		old = &again;
	}
	job->how.digest = job->digests[i];
	use_known_pages(&job->how, old, &job->layout);
	macho_layout_pieces(&pieces, &job->layout, job->old);
	job->cds[i] = BUF_INIT(CODESIGN_MAX_BYTES);
	return codedir_build(&job->cds[i], &job->how, pieces.piece, pieces.count, 1,
	                     err);
}

static bool make_code_directories(struct slice_job *job, struct error *err)
{
	for (size_t i = 0; i < job->digest_count; i++)
		if (!make_code_directory(job, i, err))
			return false;
	return true;
}

static bool make_cms(struct slice_job *job, struct error *err)
{
	AUTO(buf_free) struct buf der = BUF_INIT(CMS_MAX_BYTES);
	struct codedir cds[MAX_DIGESTS];

	job->cms = BUF_INIT(CMS_MAX_BYTES);
	if (!is_adhoc(job)) {
		struct signature_signer signer = signer_of(job);

		for (size_t i = 0; i < job->digest_count; i++)
			if (!codedir_parse(&cds[i], buf_slice(&job->cds[i]), err))
				return false;
		if (!signature_build_cms(&der, cds, job->digest_count, &signer, err))
			return false;
	}
	return blob_build(&job->cms, BLOB_CMS, buf_slice(&der), err);
}

static void add_blob(struct superblob_entry *entries, size_t *n, uint32_t slot,
                     struct slice blob)
{
	if (blob.n > 0)
		entries[(*n)++] =
			(struct superblob_entry){ .slot = slot, .blob = blob };
}

static bool assemble(struct slice_job *job, struct error *err)
{
	struct superblob_entry entries[MAX_BLOBS];
	size_t n = 0;

	add_blob(entries, &n, SLOT_CODEDIRECTORY, buf_slice(&job->cds[0]));
	add_blob(entries, &n, SLOT_REQUIREMENTS, job->how.special[SLOT_REQUIREMENTS]);
	add_blob(entries, &n, SLOT_ENTITLEMENTS, job->how.special[SLOT_ENTITLEMENTS]);
	add_blob(entries, &n, SLOT_ENTITLEMENTS_DER,
	         job->how.special[SLOT_ENTITLEMENTS_DER]);
	if (job->digest_count > 1)
		add_blob(entries, &n, SLOT_ALTERNATE, buf_slice(&job->cds[1]));
	add_blob(entries, &n, SLOT_CMS, buf_slice(&job->cms));
	job->superblob = BUF_INIT(CODESIGN_MAX_BYTES);
	return superblob_build(&job->superblob, entries, n, err);
}

static bool run_slice(struct slice_job *job, struct error *err)
{
	const struct sign_step *step = job->parts->step;

	if (step->with_sha1)
		job->digests[job->digest_count++] = DIGEST_SHA1;
	if (step->with_sha256)
		job->digests[job->digest_count++] = DIGEST_SHA256;
	if (!make_requirements(job, err) || !lay_out(job, err))
		return false;
	describe(job);
	if (!make_code_directories(job, err) || !make_cms(job, err) ||
	    !assemble(job, err))
		return false;
	if (job->superblob.n > job->layout.sig_size)
		return error_set(
			err, ERROR_INTERNAL,
			"the signature has %zu bytes, more than the %u reserved",
			job->superblob.n, job->layout.sig_size);
	return true;
}

struct file_job {
	const struct macho *m;
	struct slice_job slices[MACHO_MAX_SLICES];
	struct macho_plan plan;
};

static void drop_file_job(struct file_job **job)
{
	if (*job == NULL)
		return;
	for (size_t i = 0; i < (*job)->m->count; i++)
		slice_job_free(&(*job)->slices[i]);
	macho_plan_free(&(*job)->plan);
	free(*job);
}

static bool append(void *ctx, struct slice piece, struct error *err)
{
	return newcode_append(ctx, piece, err);
}

bool seal_code(struct newcode *out, const struct code *old,
               const struct code_parts *parts, struct error *err)
{
	struct macho_layout layouts[MACHO_MAX_SLICES];
	struct slice signatures[MACHO_MAX_SLICES];

	AUTO(drop_file_job) struct file_job *job = mem_zero(1, sizeof *job);
	job->m = &old->m;
	for (size_t i = 0; i < old->m.count; i++) {
		struct slice_job *slice = &job->slices[i];

		slice->parts = parts;
		slice->code = old;
		slice->slice = i;
		slice->old = &old->m.slices[i];
		if (!run_slice(slice, err))
			return error_context(err, "signing the %s code",
			                     macho_arch_name(slice->old));
		layouts[i] = slice->layout; /* borrowed: the job owns the head */
		signatures[i] = buf_slice(&slice->superblob);
	}
	return macho_plan_file(&job->plan, &old->m, layouts, err) &&
	       macho_emit(&old->m, &job->plan, layouts, signatures, append, out, err);
}
