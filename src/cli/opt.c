/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/opt.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "util/suggest.h"

/* Where a parse has got to. */
struct parse {
	const struct opt *tables[2]; /* the command's, the common ones */
	const struct operand *operand;
	size_t operand_values; /* given to a list operand */
};

static void list_add(struct opt_list *list, const char *text)
{
	list->items =
		mem_grow(list->items, list->count, &list->cap, sizeof *list->items);
	list->items[list->count++] = text;
}

void opt_list_free(struct opt_list *list)
{
	free(list->items);
	*list = (struct opt_list){ 0 };
}

static const struct opt *find_long(const struct parse *p, const char *name, size_t n)
{
	for (size_t t = 0; t < ARRAY_LEN(p->tables); t++)
		for (const struct opt *o = p->tables[t]; o->name != NULL; o++)
			if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
				return o;
	return NULL;
}

static const struct opt *find_letter(const struct parse *p, char letter)
{
	for (size_t t = 0; t < ARRAY_LEN(p->tables); t++)
		for (const struct opt *o = p->tables[t]; o->name != NULL; o++)
			if (o->letter == letter)
				return o;
	return NULL;
}

static bool unknown_option(const struct parse *p, const char *arg, struct error *err)
{
	struct suggest near = suggest_for(arg + strspn(arg, "-"));

	error_set(err, ERROR_USAGE, "unrecognized option \"%s\"", arg);
	for (size_t t = 0; t < ARRAY_LEN(p->tables); t++)
		for (const struct opt *o = p->tables[t]; o->name != NULL; o++)
			suggest_try(&near, o->name);
	if (near.best != NULL)
		error_hint(err, "Did you mean \"--%s\"?", near.best);
	return false;
}

/* Is value one of the words?  The error lists them. */
static bool check_choice(const char *const *choices, const char *what,
                         const char *value, struct error *err)
{
	char words[200] = "";
	size_t used = 0;

	if (choices == NULL)
		return true;
	for (size_t i = 0; choices[i] != NULL; i++) {
		if (strcmp(choices[i], value) == 0)
			return true;
		int n = snprintf(words + used, sizeof words - used, "%s%s",
		                 i > 0 ? ", " : "", choices[i]);
		if (n > 0 && (size_t)n < sizeof words - used)
			used += (size_t)n;
	}
	error_set(err, ERROR_USAGE, "%s cannot be \"%s\"", what, value);
	return error_hint(err, "It is one of: %s.", words);
}

static bool set_value(const struct opt *o, const char *value, struct error *err)
{
	char what[64];

	snprintf(what, sizeof what, "option \"--%s\"", o->name);
	if (!check_choice(o->choices, what, value, err))
		return false;
	if (o->list != NULL) {
		list_add(o->list, value);
		return true;
	}
	if (*o->text != NULL)
		return error_set(err, ERROR_USAGE, "%s is given twice", what);
	*o->text = value;
	return true;
}

/* One argument that begins with '-'; *used_next: it took argv[1] as its value. */
static bool take_option(struct parse *p, char **argv, bool *used_next,
                        struct error *err)
{
	const char *arg = argv[0];
	const char *inline_value = NULL;
	const struct opt *o;

	*used_next = false;
	if (arg[1] == '-') {
		const char *equals = strchr(arg, '=');
		size_t n = equals != NULL ? (size_t)(equals - arg) : strlen(arg);

		o = find_long(p, arg + 2, n - 2);
		inline_value = equals != NULL ? equals + 1 : NULL;
	} else {
		o = find_letter(p, arg[1]);
		inline_value = arg[2] != '\0' ? arg + 2 : NULL;
	}
	if (o == NULL)
		return unknown_option(p, arg, err);
	if (o->flag != NULL) {
		if (inline_value != NULL)
			return error_set(err, ERROR_USAGE,
			                 "option \"--%s\" takes no value", o->name);
		*o->flag = true;
		return true;
	}
	if (inline_value == NULL && argv[1] == NULL)
		return error_set(err, ERROR_USAGE, "option \"--%s\" needs a value: %s",
		                 o->name, o->value);
	*used_next = inline_value == NULL;
	return set_value(o, *used_next ? argv[1] : inline_value, err);
}

static bool take_operand(struct parse *p, const char *arg, struct error *err)
{
	const struct operand *o = p->operand;

	if (o->name == NULL)
		return error_set(err, ERROR_USAGE, "unexpected argument \"%s\"", arg);
	if (!check_choice(o->choices, o->name, arg, err))
		return false;
	if (o->list != NULL) {
		list_add(o->list, arg);
		p->operand_values++;
		return true;
	}
	*o->text = arg;
	p->operand++;
	return true;
}

static bool check_complete(const struct parse *p, const struct opt *options,
                           struct error *err)
{
	const struct operand *o = p->operand;

	if (o->name != NULL && !o->is_optional && p->operand_values == 0)
		return error_set(err, ERROR_USAGE, "%s is missing", o->name);
	for (const struct opt *opt = options; opt->name != NULL; opt++) {
		if (!opt->is_required)
			continue;
		if (opt->list != NULL ? opt->list->count == 0 : *opt->text == NULL)
			return error_set(err, ERROR_USAGE,
			                 "option \"--%s %s\" is missing", opt->name,
			                 opt->value);
	}
	return true;
}

/* "-" and "-67062" are operands: no option is called by a digit. */
static bool is_option(const char *arg)
{
	return arg[0] == '-' && arg[1] != '\0' && (arg[1] < '0' || arg[1] > '9');
}

bool opt_parse(char **argv, const struct opt *options, const struct opt *common,
               const struct operand *operands, struct error *err)
{
	struct parse p = { .tables = { options, common }, .operand = operands };
	bool options_ended = false;

	for (; *argv != NULL; argv++) {
		bool used_next = false, ok;

		if (!options_ended && strcmp(*argv, "--") == 0) {
			options_ended = true;
			continue;
		}
		if (options_ended || !is_option(*argv))
			ok = take_operand(&p, *argv, err);
		else
			ok = take_option(&p, argv, &used_next, err);
		if (!ok)
			return false;
		argv += used_next;
	}
	return check_complete(&p, options, err);
}

bool opt_number(unsigned *out, const char *name, const char *text, unsigned min,
                unsigned max, struct error *err)
{
	unsigned long n = 0;

	if (text == NULL)
		return true;
	size_t length = strlen(text);
	bool ok = length > 0 && length <= 9 && strspn(text, "0123456789") == length;
	if (ok)
		n = strtoul(text, NULL, 10);
	if (!ok || n < min || n > max)
		return error_set(err, ERROR_USAGE,
		                 "option \"--%s\" cannot be \"%s\": it is %u to %u",
		                 name, text, min, max);
	*out = (unsigned)n;
	return true;
}
