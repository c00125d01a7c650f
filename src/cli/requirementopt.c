/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/requirementopt.h"

#include "util/bytes.h"
#include "util/file.h"
#include "util/sniff.h"

/* A blob goes as it is, once it proves to be one. */
static bool take_blob(struct buf *out, struct slice blob, struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT(REQUIREMENT_MAX_TEXT);

	return requirement_print(&text, blob, err) && buf_append(out, blob, err);
}

bool requirementopt_load(struct buf *out, const char *given, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(REQUIREMENT_MAX_TEXT);

	if (given[0] != '@')
		return requirement_compile(out, slice_str(given), err);
	if (!file_read(&file, given + 1, err))
		return false;
	struct slice bytes = buf_slice(&file);
	bool blob = bytes.n >= 4 && load_be32(bytes.p) == BLOB_REQUIREMENT;
	if (blob ? !take_blob(out, bytes, err) : !requirement_compile(out, bytes, err))
		return sniff_refused(err, "requirement", given + 1, bytes);
	return true;
}
