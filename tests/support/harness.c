/* SPDX-License-Identifier: Apache-2.0 */
#include "support/harness.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
	const char *name;
	void (*run)(void);
} tests[256];
static size_t test_count;
static bool current_failed;

void test_register(const char *name, void (*run)(void))
{
	assert(test_count < ARRAY_LEN(tests));
	tests[test_count].name = name;
	tests[test_count].run = run;
	test_count++;
}

bool test_fail(const char *file, int line, const char *what)
{
	printf("# %s:%d: %s\n", file, line, what);
	current_failed = true;
	return false;
}

bool test_ok(bool ok, const struct error *err, const char *file, int line,
             const char *call)
{
	if (ok)
		return true;
	error_print(err, stdout, true);
	return test_fail(file, line, call);
}

/* Clears *err, so that one variable serves a row of checks. */
bool test_failed_with(bool ok, struct error *err, enum error_code code,
                      const char *text, const char *file, int line)
{
	struct error got = *err;

	error_clear(err);
	if (ok)
		return test_fail(file, line, "succeeded, but should fail");
	if (got.code != code || strstr(got.message, text) == NULL) {
		error_print(&got, stdout, true);
		return test_fail(file, line, "failed, but not as it should");
	}
	return true;
}

bool test_equal_str(const char *got, const char *want, const char *file, int line)
{
	if (strcmp(got, want) == 0)
		return true;
	printf("# got  \"%s\"\n# want \"%s\"\n", got, want);
	return test_fail(file, line, "strings differ");
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "";
	size_t failed = 0, run = 0;

	/* A sanitizer that ends the process does not flush what we printed. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < test_count; i++) {
		if (strstr(tests[i].name, only) == NULL)
			continue;
		current_failed = false;
		tests[i].run();
		run++;
		failed += current_failed;
		printf("%sok %zu - %s\n", current_failed ? "not " : "", run,
		       tests[i].name);
	}
	printf("1..%zu\n", run);
	return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
