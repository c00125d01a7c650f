/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apps that are large (spec codesign.md 10, P10 and P22).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bundle/seal.h"
#include "support/sign_fixture.h"
#include "support/whole_code.h"
#include "util/file.h"
#include "util/mem.h"

/* Larger than any file that is read into memory, and than 31 bits. */
#define HUGE_BYTES ((off_t)5 << 29)

/* The most memory this process ever had, in MiB. */
static long peak_mib(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 0;
#ifdef __APPLE__
	return usage.ru_maxrss >> 20;
#else
	return usage.ru_maxrss >> 10;
#endif
}

static const struct resource_file *find_file(const struct seal_files *files,
                                             const char *path)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].path, path) == 0)
			return &files->items[i];
	return NULL;
}

/* A file of zeros that takes no place on the disk. */
static bool put_hole(const char *path, off_t size)
{
	AUTO(drop_fd) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	return fd >= 0 && ftruncate(fd, size) == 0;
}

/* Of HUGE_BYTES zeros, by sha256sum. */
static bool is_of_zeros(const struct resource_file *file)
{
	static const unsigned char want[32] = {
		0x96, 0x79, 0xaa, 0x8d, 0x70, 0xd8, 0x04, 0x46, 0xe8, 0x39, 0x55,
		0xc5, 0x1d, 0x2f, 0xe0, 0xcb, 0xc0, 0xaf, 0x40, 0x9a, 0x52, 0x02,
		0xee, 0x4c, 0x97, 0x7a, 0x59, 0xa1, 0x17, 0x37, 0x2c, 0xff
	};

	return file != NULL && memcmp(file->sha256, want, sizeof want) == 0;
}

/* First, since memory once used counts for all that follows. */
TEST(p22_a_resource_of_2_5_gib_takes_no_memory)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };
	AUTO(seal_files_free) struct seal_files files = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	AUTO(drop_str) char *path = mem_format("%s/huge.bin", f.in);
	REQUIRE(put_hole(path, HUGE_BYTES));
	const struct sign_profile p = borrow(&f.wild);
	struct sign_request request =
		test_team_request(&team, &team.distribution, &p, 1);
	long before = peak_mib();
	REQUIRE_OK(container_open(&c, f.in, &err), &err);
	CHECK(container_bytes(&c) > (uint64_t)HUGE_BYTES);
	/* looking for code in it, and hashing it for the seal */
	REQUIRE_OK(sign_plan_make(&plan, &c, &request, &err), &err);
	REQUIRE_OK(seal_collect(&files, &plan.scan, plan.tree.items[0], NULL, &err),
	           &err);
	CHECK(peak_mib() - before < 64);
	CHECK(is_of_zeros(find_file(&files, "huge.bin")));
}

TEST(p10_an_executable_of_more_than_100_mb)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(opened_free) struct opened o = { 0 };
	struct tiny_slice code = TINY_ARM64;
	uint32_t bad_page = 0;
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	code.code_size = (uint32_t)101 << 20;
	REQUIRE_OK(fixture_put_code(&f, "App.app/App", &code, &err), &err);
	REQUIRE_OK(sign_wild(&f, &err), &err);
	check_admitted(f.out);
	REQUIRE_OK(open_code(&o, f.out, "App", &err), &err);
	const struct codedir *cd = best_cd(&o, 0);
	CHECK(cd->code_count > 25000 && cd->exec_seg_limit > code.code_size);
	CHECK(whole_code_fits(cd, o.m.slices[0].bytes, &bad_page));
	/* a page near the end counts too */
	o.bytes.p[cd->code_limit - 5000] ^= 1;
	CHECK(!whole_code_fits(cd, o.m.slices[0].bytes, &bad_page));
	CHECK(bad_page >= cd->code_count - 3);
}
