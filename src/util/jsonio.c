/* SPDX-License-Identifier: Apache-2.0 */
#include "util/jsonio.h"

#include <stdlib.h>

#include "util/mem.h"
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
		return error_set_errno(err, "could not write the output");
	return true;
}

json_t *jsonio_text(const char *text)
{
	static const unsigned char replacement[3] = { 0xef, 0xbf, 0xbd };
	size_t n = strlen(text), used = 0;
	AUTO(drop_str) char *clean = mem_resize(NULL, n * 3 + 1);

	for (size_t i = 0; i < n;) {
		size_t k = utf8_next(NULL, slice_of(text + i, n - i));

		if (k == 0) {
			memcpy(clean + used, replacement, sizeof replacement);
			used += sizeof replacement;
			i++;
		} else {
			memcpy(clean + used, text + i, k);
			used += k;
			i += k;
		}
	}
	return json_stringn(clean, used);
}

void drop_json(json_t **value)
{
	json_decref(*value);
}
