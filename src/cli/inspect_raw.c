/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect --raw: bytes to stdout, but nothing that drives a terminal.
 */
#include <unistd.h>

#include "cli/inspect.h"
#include "util/file_error.h"
#include "util/utf8.h"

static bool is_text(struct slice bytes)
{
	while (bytes.n > 0) {
		uint32_t c = 0;
		size_t n = utf8_next(&c, bytes);

		if (n == 0 || (c < ' ' && c != '\n' && c != '\r' && c != '\t') ||
		    (c >= 0x7f && c < 0xa0))
			return false;
		bytes = slice_of(bytes.p + n, bytes.n - n);
	}
	return true;
}

bool inspect_raw(const struct artifact *a, struct error *err)
{
	AUTO(buf_free) struct buf raw = BUF_INIT(ARTIFACT_RAW_MAX);

	if (!artifact_raw(&raw, a, err))
		return false;
	struct slice bytes = buf_slice(&raw);
	if (isatty(STDOUT_FILENO) && !is_text(bytes)) {
		error_set(err, ERROR_REFUSED, "binary data does not go to a terminal");
		error_evidence(err, "%zu bytes that are no text", bytes.n);
		error_cause(err, "It would garble the terminal, or drive it.");
		return error_hint(err, "Send it to a file: --raw > FILE");
	}
	return fwrite(bytes.p, 1, bytes.n, stdout) == bytes.n || file_error_output(err);
}
