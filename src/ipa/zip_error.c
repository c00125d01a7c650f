/* SPDX-License-Identifier: Apache-2.0 */
#include "ipa/zip_impl.h"

static bool explain_damage(struct error *err)
{
	error_cause(err,
	            "The download or copy stopped early, or the tool that wrote it "
	            "is broken.");
	return error_hint(err, "unzip -t FILE shows what else is wrong.");
}

bool zip_damaged(struct error *err, const char *what)
{
	error_set(err, ERROR_FORMAT, "the zip is damaged: %s", what);
	return explain_damage(err);
}

bool zip_entry_damaged(struct error *err, const struct zip_entry *e, const char *what)
{
	error_set(err, ERROR_FORMAT, "the zip is damaged: %s", what);
	error_evidence(err, "entry \"%s\"", e->name);
	return explain_damage(err);
}

bool zip_entry_refused(struct error *err, const char *name, const char *why)
{
	error_set(err, ERROR_FORMAT, "the zip has an entry that is refused: %s", why);
	return error_evidence(err, "entry \"%s\"", name);
}
