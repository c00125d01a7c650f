/* SPDX-License-Identifier: Apache-2.0 */
/*
 * harness.h - a small unit test frame.
 *
 * Each tests/unit/test_*.c is a program.  TEST(name) { ... } defines a test and
 * registers it; harness.c has main().  Run with an argument to run only the
 * tests whose name contains it.
 *
 * CHECK() notes a failure and goes on; REQUIRE() also returns from the test.
 * Nothing jumps out of a function, so AUTO() variables are released even when
 * a test fails, and a leak reported by a sanitizer is a real one.
 */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "util/error.h"

#define TEST(name)                                                     \
	static void name(void);                                        \
	__attribute__((constructor)) static void register_##name(void) \
	{                                                              \
		test_register(#name, name);                            \
	}                                                              \
	static void name(void)

#define CHECK(condition) test_check((condition), __FILE__, __LINE__, #condition)

#define REQUIRE(condition)             \
	do {                           \
		if (!CHECK(condition)) \
			return;        \
	} while (0)

/* The call returned true.  Prints the error if not. */
#define REQUIRE_OK(call, err)                                       \
	do {                                                        \
		bool worked_ = (call);                              \
		test_ok(worked_, (err), __FILE__, __LINE__, #call); \
		if (!worked_)                                       \
			return;                                     \
	} while (0)

/* The call returned false, with this code, and text is in the message. */
#define CHECK_FAILS(call, err, code, text) \
	test_failed_with((call), (err), (code), (text), __FILE__, __LINE__)

#define CHECK_STR(got, want) test_equal_str((got), (want), __FILE__, __LINE__)

void test_register(const char *name, void (*run)(void));
bool test_fail(const char *file, int line, const char *what);
bool test_ok(bool ok, const struct error *err, const char *file, int line,
             const char *call);
bool test_failed_with(bool ok, struct error *err, enum error_code code,
                      const char *text, const char *file, int line);
bool test_equal_str(const char *got, const char *want, const char *file, int line);

/* In the header, so that analyzers see what a failed check means. */
static inline bool test_check(bool ok, const char *file, int line, const char *what)
{
	if (!ok)
		test_fail(file, line, what);
	return ok;
}
