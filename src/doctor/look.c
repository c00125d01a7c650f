/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at files and folders: everything is read once, and what cannot be read is
 * kept with the reason.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "artifact/find.h"
#include "crypto/der.h"
#include "doctor/doctor_impl.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/sniff.h"

#define SNIFF_MAX_BYTES ((size_t)1 << 20)

struct doctor *doctor_new(const struct doctor_request *request)
{
	struct doctor *d = mem_zero(1, sizeof *d);

	d->request = *request;
	return d;
}

static void file_free(struct doctor_file *f)
{
	free(f->path);
	free(f->looks_like);
	artifact_free(&f->a);
	verdict_free(&f->verdict);
}

void drop_doctor(struct doctor **d)
{
	struct doctor *old = *d;

	if (old == NULL)
		return;
	for (size_t i = 0; i < old->file_count; i++)
		file_free(&old->files[i]);
	free(old->files);
	for (size_t i = 0; i < old->project_count; i++) {
		xcode_project_close(old->projects[i]);
		free(old->projects[i]);
	}
	free(old->projects);
	for (size_t i = 0; i < old->message_count; i++)
		for (size_t k = 0; k < old->messages[i].value_count; k++) {
			free(old->messages[i].values[k].name);
			free(old->messages[i].values[k].value);
		}
	free(old->messages);
	drop_explain_matcher(&old->matcher);
	free(old);
	*d = NULL;
}

/* How long the SEQUENCE is that bytes begin with; 0: they begin with something else. */
static size_t announced(struct slice bytes)
{
	size_t n = bytes.n > 1 && bytes.p[0] == DER_SEQUENCE ? bytes.p[1] : 0x80U;
	size_t more = n & 0x7fU, sum = 0;

	if (n < 0x80U)
		return 2 + n;
	if (more == 0 || more > sizeof(uint32_t) || bytes.n < 2 + more)
		return 0;
	for (size_t i = 0; i < more; i++)
		sum = sum << 8 | bytes.p[2 + i];
	return 2 + more + sum;
}

/* What is in the place of what the name promises. */
static void sniff_file(struct doctor_file *f)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(SNIFF_MAX_BYTES);
	struct error ignored = { 0 };

	if (!file_read(&bytes, f->path, &ignored))
		return;
	f->bytes = bytes.n;
	f->looks_like = mem_copy(sniff(buf_slice(&bytes)));
	f->announced = announced(buf_slice(&bytes));
}

/* Every stage: which of them counts is told by what is to be made. */
static void judge(struct doctor *d, struct doctor_file *f)
{
	AUTO(container_close) struct container c = { 0 };
	struct error ignored = { 0 };
	const struct verify_request request = { .trust = d->request.trust,
		                                .device = d->request.device,
		                                .at_s = d->request.now_s,
		                                .stages = STAGES_DEVICE |
		                                          STAGE_BIT(STAGE_STORE),
		                                .threads = d->request.threads };

	f->is_judged = container_open(&c, f->path, &ignored) &&
	               verify_container(&f->verdict, &c, &request, &ignored);
}

static void add_project(struct doctor *d, struct doctor_file *f)
{
	struct xcode_project *p = mem_zero(1, sizeof *p);

	if (!xcode_project_open(p, f->path, &f->why)) {
		free(p);
		return;
	}
	f->is_read = true;
	d->projects = mem_grow(d->projects, d->project_count, &d->project_cap,
	                       sizeof(struct xcode_project *));
	d->projects[d->project_count++] = p;
}

static bool add_file(struct doctor *d, const char *path, enum artifact_kind kind,
                     struct error *err)
{
	const struct artifact_how how = { .trust = d->request.trust,
		                          .password = d->request.password,
		                          .threads = d->request.threads };

	if (d->file_count == DOCTOR_MAX_FILES)
		return error_set(err, ERROR_LIMIT,
		                 "more than %zu files are of interest",
		                 DOCTOR_MAX_FILES);
	d->files = mem_grow(d->files, d->file_count, &d->file_cap, sizeof *d->files);
	struct doctor_file *f = &d->files[d->file_count++];
	*f = (struct doctor_file){ .path = mem_copy(path), .kind = kind };
	if (kind == ARTIFACT_PROJECT) {
		add_project(d, f);
		return true;
	}
	f->is_read = artifact_read(&f->a, path, &how, &f->why);
	if (!f->is_read) {
		sniff_file(f);
		return true;
	}
	f->kind = f->a.kind;
	if (f->kind == ARTIFACT_APP || f->kind == ARTIFACT_CODE)
		judge(d, f);
	return true;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool doctor_look(struct doctor *d, const char *path, struct error *err)
{
	AUTO(artifact_list_free) struct artifact_list list = { 0 };
	enum artifact_kind kind = artifact_kind_of_name(path);
	const struct artifact_find_how everything = { 0 };
	struct stat st;

	if (stat(path, &st) != 0)
		return error_set_errno(err, "could not look at \"%s\"", path);
	if (!is_dir(path) || kind == ARTIFACT_APP || kind == ARTIFACT_PROJECT)
		return add_file(d, path, kind, err);
	if (!artifact_find(&list, path, &everything, err))
		return false;
	for (size_t i = 0; i < list.count; i++)
		if (!add_file(d, list.items[i].path, list.items[i].kind, err))
			return false;
	return true;
}
