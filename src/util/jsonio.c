/* SPDX-License-Identifier: Apache-2.0 */
#include "util/jsonio.h"

#include <assert.h>
#include <stdint.h>

#include "util/file_error.h"
#include "util/utf8.h"

bool jsonio_parse(json_t **out, struct slice text, struct error *err)
{
	json_error_t why;

	if (text.n > JSONIO_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "JSON is larger than %zu bytes",
		                 JSONIO_MAX_BYTES);
	if (text.n == 0)
		text = slice_str(""); /* never NULL, which jansson refuses oddly */
	json_t *value = json_loadb((const char *)text.p, text.n,
	                           JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (value == NULL)
		return error_set(err, ERROR_FORMAT, "not JSON: %s at line %d column %d",
		                 why.text, why.line, why.column);
	*out = value;
	return true;
}

static int append_chunk(const char *text, size_t n, void *ctx)
{
	struct buf *out = ctx;
	struct error err = { 0 };

	return buf_append(out, slice_of(text, n), &err) ? 0 : -1;
}

bool jsonio_write(struct buf *out, const json_t *value, struct error *err)
{
	const size_t flags = JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_PRESERVE_ORDER;
	size_t before = out->n;

	if (json_dump_callback(value, append_chunk, out, flags) == 0 &&
	    append_chunk("\n", 1, out) == 0)
		return true;
	out->n = before;
	return error_set(err, ERROR_LIMIT, "JSON is larger than %zu bytes", out->max);
}

bool jsonio_print(FILE *to, const json_t *value, struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT(JSONIO_MAX_BYTES);

	if (!jsonio_write(&text, value, err))
		return false;
	if (fwrite(text.p, 1, text.n, to) != text.n)
		return file_error_output(err);
	return true;
}

json_t *jsonio_text(const char *text)
{
	AUTO(buf_free) struct buf clean = BUF_INIT(SIZE_MAX);
	struct slice rest = slice_str(text);
	struct error none = { 0 };
	bool ok = true;

	while (ok && rest.n > 0) {
		size_t n = utf8_next(NULL, rest);

		ok = n > 0 ? buf_append(&clean, slice_of(rest.p, n), &none)
		           : buf_append_str(&clean, "\xef\xbf\xbd", &none);
		n = n > 0 ? n : 1;
		rest = slice_of(rest.p + n, rest.n - n);
	}
	assert(ok); /* there is no limit */
	return json_stringn(clean.n > 0 ? (const char *)clean.p : "", clean.n);
}

void drop_json(json_t **value)
{
	json_decref(*value);
}
