/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a file or bytes to an artifact: who reads it.
 */
#include <string.h>
#include <sys/stat.h>

#include "artifact/artifact_impl.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/sniff.h"

/* Nothing that is read whole into memory is longer. */
#define WHOLE_MAX_BYTES PROFILE_MAX_BYTES

#define DAMAGED         "It is damaged, encrypted as a whole, or another kind of file."

static bool unknown(const char *name, struct slice bytes, struct error *err)
{
	error_set(err, ERROR_FORMAT, "\"%s\" is nothing that signing knows", name);
	sniff_evidence(err, bytes);
	error_cause(err, DAMAGED);
	return error_hint(err, "Look at its first bytes: xxd \"%s\" | head -3", name);
}

/* A file's parts by its kind; apps and projects are elsewhere. */
static bool read_kind(struct artifact *a, struct slice bytes,
                      const struct artifact_how *how, struct error *err)
{
	switch (a->kind) {
	case ARTIFACT_CERT:
		return artifact_read_certs(a, bytes, how, err);
	case ARTIFACT_KEY:
		return artifact_read_key(a, bytes, how, err);
	case ARTIFACT_P12:
		return artifact_read_p12(a, bytes, how, err);
	case ARTIFACT_CSR:
		return artifact_read_csr(a, bytes, err);
	case ARTIFACT_PROFILE:
		return artifact_profile_read(&a->profile, bytes, how, err);
	case ARTIFACT_ENTITLEMENTS:
	case ARTIFACT_EXPORT_OPTIONS:
	case ARTIFACT_INFO_PLIST:
		return artifact_read_plist(a, bytes, err);
	default:
		return unknown(a->path, bytes, err);
	}
}

static bool is_app(enum artifact_kind kind)
{
	return kind == ARTIFACT_APP || kind == ARTIFACT_CODE;
}

/* The kind: of the content; where that says nothing, of the name, so that the
 * reader which the name asks for says what is wrong. */
static void find_kind(struct artifact *a, struct slice bytes)
{
	enum artifact_kind named = artifact_kind_of_name(a->path);

	a->kind = artifact_sniff(bytes);
	if (a->kind == ARTIFACT_UNKNOWN && !is_app(named) && named != ARTIFACT_PROJECT)
		a->kind = named;
	/* Entitlements without a key of note, or with another's. */
	if (named == ARTIFACT_ENTITLEMENTS && pl_looks_like(bytes))
		a->kind = named;
	a->is_misnamed = named != ARTIFACT_UNKNOWN && named != a->kind &&
	                 !(is_app(named) && is_app(a->kind));
}

static bool read_bytes(struct artifact *a, struct slice bytes,
                       const struct artifact_how *how, struct error *err)
{
	if (bytes.n > WHOLE_MAX_BYTES)
		return unknown(a->path, bytes, err);
	if (read_kind(a, bytes, how, err))
		return true;
	if (err->code == ERROR_FORMAT) {
		sniff_evidence(err, bytes);
		error_cause(err, DAMAGED);
		error_hint(err, "Look at its first bytes: xxd \"%s\" | head -3",
		           a->path);
	}
	return false;
}

bool artifact_parse(struct artifact *out, const char *name, struct slice bytes,
                    const struct artifact_how *how, struct error *err)
{
	AUTO(artifact_free) struct artifact a = { .path = mem_copy(name) };

	find_kind(&a, bytes);
	if (is_app(a.kind))
		return error_set(err, ERROR_USAGE, "an app is read from its file");
	if (!read_bytes(&a, bytes, how, err))
		return false;
	artifact_note_ends(&a);
	*out = a;
	a = (struct artifact){ 0 };
	return true;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool read_path(struct artifact *a, const struct artifact_how *how,
                      struct error *err)
{
	AUTO(file_unmap) struct file_map map = { 0 };

	if (is_folder(a->path)) {
		a->kind = artifact_kind_of_name(a->path);
		/* xcode/ reads projects: here they are only known as such. */
		if (a->kind == ARTIFACT_PROJECT)
			return true;
		a->kind = ARTIFACT_APP;
		return artifact_read_app(a, a->path, how, err);
	}
	if (!file_map(&map, a->path, err))
		return false;
	find_kind(a, map.bytes);
	return is_app(a->kind) ? artifact_read_app(a, a->path, how, err)
	                       : read_bytes(a, map.bytes, how, err);
}

bool artifact_read(struct artifact *out, const char *path,
                   const struct artifact_how *how, struct error *err)
{
	AUTO(artifact_free) struct artifact a = { .path = mem_copy(path) };

	if (!read_path(&a, how, err))
		return false;
	artifact_note_ends(&a);
	*out = a;
	a = (struct artifact){ 0 };
	return true;
}
