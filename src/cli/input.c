/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include "util/sniff.h"

bool input_refused(struct error *err, const char *what, const char *path,
                   struct slice bytes)
{
	if (err->code == ERROR_FORMAT || err->code == ERROR_USAGE) {
		sniff_evidence(err, bytes);
		error_cause(err, "It is damaged, cut short, or another kind of file.");
		error_hint(err, "sealring inspect '%s'", path);
	}
	return error_context(err, "reading the %s \"%s\"", what, path);
}
