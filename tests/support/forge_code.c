/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing one executable by hand.
 */
#include <stdlib.h>
#include <string.h>

#include "codesign/entitlements.h"
#include "codesign/requirement.h"
#include "macho/layout.h"
#include "support/forge_impl.h"
#include "support/whole_code.h"
#include "util/mem.h"

#define MESSAGE_ROOM 16384
#define MAX_BLOBS    16

/* One slice on its way. */
struct job {
	const struct forge *f;
	bool is_at; /* the case's hooks are for it */
	struct forge_code code;
	struct macho_layout layout;
	struct buf requirements, xml, der;
	struct buf cds[FORGE_MAX_CDS];
	struct buf message, superblob;
};

static void job_free(struct job *job)
{
	pl_free(job->code.claims);
	pl_free(job->code.der_claims);
	macho_layout_free(&job->layout);
	buf_free(&job->requirements);
	buf_free(&job->xml);
	buf_free(&job->der);
	for (size_t i = 0; i < FORGE_MAX_CDS; i++)
		buf_free(&job->cds[i]);
	buf_free(&job->message);
	buf_free(&job->superblob);
}

/* What a good app claims. */
static struct pl *good_claims(const struct bundle *b)
{
	struct pl *claims = pl_new_dict();
	AUTO(drop_str) char *app_id = mem_format("%s.%s", FAKE_TEAM, b->id);

	pl_set(claims, "application-identifier", pl_new_string(app_id));
	pl_set(claims, "com.apple.developer.team-identifier", pl_new_string(FAKE_TEAM));
	pl_set(claims, "get-task-allow", pl_new_bool(true));
	pl_append(pl_set(claims, "keychain-access-groups", pl_new_array()),
	          pl_new_string(app_id));
	if (b->kind == BUNDLE_CLIP)
		pl_append(pl_set(claims,
		                 "com.apple.developer.parent-application-identifiers",
		                 pl_new_array()),
		          pl_new_string(FORGE_APP_ID));
	return claims;
}

static const char *loose_name(const char *path, char name[64])
{
	const char *slash = strrchr(path, '/');

	snprintf(name, 64, "%s", slash != NULL ? slash + 1 : path);
	char *dot = strrchr(name, '.');
	if (dot != NULL)
		*dot = '\0';
	return name;
}

/* As a good signer would; then the case's turn. */
static void plan(struct job *job, const char *name)
{
	struct forge_code *c = &job->code;
	const struct bundle *b = c->bundle;
	bool is_process = bundle_is_process(b) && b->id != NULL;

	c->by = forge_developer();
	c->digests[c->digest_count++] = DIGEST_SHA256;
	c->claims = is_process ? good_claims(b) : NULL;
	c->how.identifier = b->id != NULL ? b->id : name;
	c->how.team = FAKE_TEAM;
	c->how.page_size_log2 = 12;
	c->how.has_platform = true;
	if (macho_is_main(c->slice))
		c->how.exec_seg_flags = CODEDIR_EXEC_MAIN | CODEDIR_EXEC_ALLOW_UNSIGNED;
	if (job->f->how->plan_all != NULL)
		job->f->how->plan_all(c);
	if (job->is_at && job->f->how->plan != NULL)
		job->f->how->plan(c);
}

static bool make_requirements(struct job *job, struct error *err)
{
	struct forge_code *c = &job->code;
	struct trust_chain chain = { 0 };

	job->requirements = BUF_INIT(REQUIREMENT_MAX_BYTES);
	if (c->requirements.n > 0)
		return buf_append(&job->requirements, c->requirements, err);
	for (size_t i = 0; c->by.leaf != NULL && i <= c->by.issuer_count; i++)
		chain.certs[chain.count++] =
			i == 0 ? &c->by.leaf->cert : &c->by.issuers[i - 1]->cert;
	return requirement_build_designated(&job->requirements, c->how.identifier,
	                                    &chain, (struct slice){ 0 }, err);
}

static bool make_entitlements(struct job *job, struct error *err)
{
	struct forge_code *c = &job->code;
	const struct pl *der = c->der_claims != NULL ? c->der_claims : c->claims;

	job->xml = BUF_INIT(ENTITLEMENTS_MAX_BYTES);
	job->der = BUF_INIT(ENTITLEMENTS_MAX_BYTES);
	if (c->xml.n > 0 && !buf_append(&job->xml, c->xml, err))
		return false;
	if (c->der.n > 0 && !buf_append(&job->der, c->der, err))
		return false;
	if (c->xml.n == 0 && c->claims != NULL && !c->no_xml &&
	    !entitlements_build_xml(&job->xml, c->claims, err))
		return false;
	return c->der.n > 0 || der == NULL || c->no_der ||
	       entitlements_build_der(&job->der, der, err);
}

static void fill_slots(struct job *job, struct slice info, struct slice resources)
{
	struct forge_code *c = &job->code;
	struct slice *special = c->how.special;

	special[SLOT_INFO] = info.n > 0 ? info : c->slice->info_plist;
	special[SLOT_REQUIREMENTS] = buf_slice(&job->requirements);
	special[SLOT_RESOURCES] = resources;
	special[SLOT_ENTITLEMENTS] = buf_slice(&job->xml);
	special[SLOT_ENTITLEMENTS_DER] = buf_slice(&job->der);
	for (size_t i = 0; i < c->extra_count; i++)
		if (c->extra[i].slot <= CODEDIR_MAX_SPECIAL)
			special[c->extra[i].slot] = c->extra[i].blob;
	for (uint32_t i = 1; i <= CODEDIR_MAX_SPECIAL; i++) {
		if (c->signed_as[i].p != NULL)
			special[i] = c->signed_as[i];
		if ((c->absent & FORGE_SLOT(i)) != 0)
			special[i] = (struct slice){ 0 };
	}
}

/* The room must be known before hashing: it stands in the load commands. */
static bool lay_out(struct job *job, struct error *err)
{
	struct forge_code *c = &job->code;
	size_t size = MESSAGE_ROOM + job->requirements.n + job->xml.n + job->der.n;

	if (!macho_layout_slice(&job->layout, c->slice, 16, err))
		return false;
	c->how.code_limit = job->layout.code_limit - c->short_by;
	for (size_t i = 0; i < c->digest_count; i++) {
		c->how.digest = c->digests[i];
		size += codedir_size(&c->how);
	}
	for (size_t i = 0; i < c->extra_count; i++)
		size += c->extra[i].blob.n;
	macho_layout_free(&job->layout);
	job->layout = (struct macho_layout){ 0 };
	if (!macho_layout_slice(&job->layout, c->slice, (uint32_t)size, err))
		return false;
	if (job->is_at && job->f->how->commands != NULL)
		job->f->how->commands(&job->layout.head);
	return true;
}

static bool make_directories(struct job *job, struct error *err)
{
	struct forge_code *c = &job->code;
	struct macho_pieces pieces = { 0 };
	uint64_t left = c->how.code_limit;

	macho_layout_pieces(&pieces, &job->layout, c->slice);
	for (size_t i = 0; i < pieces.count; i++) {
		if (pieces.piece[i].n > left)
			pieces.piece[i].n = (size_t)left;
		left -= pieces.piece[i].n;
	}
	c->how.exec_seg_base = c->slice->text_fileoff;
	c->how.exec_seg_limit = c->slice->text_filesize;
	for (size_t i = 0; i < c->digest_count; i++) {
		c->how.digest = c->digests[i];
		job->cds[i] = BUF_INIT(CODESIGN_MAX_BYTES);
		if (!codedir_build(&job->cds[i], &c->how, pieces.piece, pieces.count, 1,
		                   err))
			return false;
		if (job->is_at && job->f->how->directory != NULL)
			job->f->how->directory(&job->cds[i], i);
	}
	return true;
}

static bool make_message(struct job *job, struct error *err)
{
	AUTO(buf_free) struct buf der = BUF_INIT(CMS_MAX_BYTES);

	if (job->code.by.leaf != NULL &&
	    !forge_message(&der, &job->code, job->cds, err))
		return false;
	if (job->is_at && job->f->how->message != NULL)
		job->f->how->message(&der);
	job->message = BUF_INIT(CMS_MAX_BYTES);
	return blob_build(&job->message, BLOB_CMS, buf_slice(&der), err);
}

static bool assemble(struct job *job, struct error *err)
{
	const struct forge_code *c = &job->code;
	struct superblob_entry entries[MAX_BLOBS] = {
		{ .slot = SLOT_CODEDIRECTORY, .blob = buf_slice(&job->cds[0]) },
		{ .slot = SLOT_REQUIREMENTS, .blob = buf_slice(&job->requirements) },
		{ .slot = SLOT_CMS, .blob = buf_slice(&job->message) },
	};
	size_t n = 3;

	if (job->xml.n > 0)
		entries[n++] = (struct superblob_entry){ .slot = SLOT_ENTITLEMENTS,
			                                 .blob = buf_slice(&job->xml) };
	if (job->der.n > 0)
		entries[n++] = (struct superblob_entry){ .slot = SLOT_ENTITLEMENTS_DER,
			                                 .blob = buf_slice(&job->der) };
	for (size_t i = 1; i < c->digest_count; i++)
		entries[n++] =
			(struct superblob_entry){ .slot = SLOT_ALTERNATE + (uint32_t)i -
			                                  1,
			                          .blob = buf_slice(&job->cds[i]) };
	for (size_t i = 0; i < c->extra_count; i++)
		entries[n++] = c->extra[i];
	job->superblob = BUF_INIT(CODESIGN_MAX_BYTES);
	if (!superblob_build(&job->superblob, entries, n, err))
		return false;
	if (job->is_at && job->f->how->blob != NULL)
		job->f->how->blob(&job->superblob);
	return true;
}

static bool run(struct job *job, struct slice info, struct slice resources,
                struct error *err)
{
	char name[64];

	plan(job, loose_name(job->code.bundle->path, name));
	if (!make_requirements(job, err) || !make_entitlements(job, err))
		return false;
	fill_slots(job, info, resources);
	return lay_out(job, err) && make_directories(job, err) &&
	       make_message(job, err) && assemble(job, err);
}

struct jobs {
	struct job slices[MACHO_MAX_SLICES];
	struct macho_plan plan;
};

static void drop_jobs(struct jobs **jobs)
{
	for (size_t i = 0; i < MACHO_MAX_SLICES; i++)
		job_free(&(*jobs)->slices[i]);
	macho_plan_free(&(*jobs)->plan);
	free(*jobs);
}

bool forge_sign(const struct forge *f, const struct bundle *b, struct slice info,
                struct slice resources, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(FORGE_MAX_FILE);
	AUTO(buf_free) struct buf out = BUF_INIT(FORGE_MAX_FILE);
	AUTO(drop_jobs) struct jobs *jobs = mem_zero(1, sizeof *jobs);
	struct macho_layout layouts[MACHO_MAX_SLICES];
	struct slice signatures[MACHO_MAX_SLICES];
	struct macho m;

	forge_read(&file, f, b->code);
	if (!macho_parse(&m, buf_slice(&file), err))
		return false;
	for (size_t i = 0; i < m.count; i++) {
		struct job *job = &jobs->slices[i];

		*job = (struct job){ .f = f, .is_at = forge_is_at(f->how, b->path) };
		job->code.bundle = b;
		job->code.slice = &m.slices[i];
		if (!run(job, info, resources, err))
			return false;
		if (job->code.leave_unsigned)
			return true;
		layouts[i] = job->layout;
		signatures[i] = buf_slice(&job->superblob);
	}
	if (!macho_plan_file(&jobs->plan, &m, layouts, err) ||
	    !whole_code_emit(&out, &m, &jobs->plan, layouts, signatures, err))
		return false;
	forge_put_bytes(f, b->code, buf_slice(&out));
	return true;
}
