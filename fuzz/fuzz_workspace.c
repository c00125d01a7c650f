/* SPDX-License-Identifier: Apache-2.0 */
/* contents.xcworkspacedata: what comes out are paths of projects. */
#include <assert.h>
#include <stdint.h>

#include "xcode/project.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(xcode_paths_free) struct xcode_paths found = { 0 };
	struct error err = { 0 };

	if (!xcode_workspace_parse(&found, slice_of(data, size), "ws", "fuzz", &err)) {
		assert(err.message[0] != '\0' && found.count == 0);
		return 0;
	}
	for (size_t i = 0; i < found.count; i++) {
		size_t n = strlen(found.items[i]), m = strlen(".xcodeproj");

		assert(n > m && strcmp(found.items[i] + n - m, ".xcodeproj") == 0);
	}
	return 0;
}
