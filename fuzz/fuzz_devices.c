/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of devices as arbitrary bytes: a list has devices with identifiers, each once,
 * and an error says why there is none.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "verify/devices.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct verify_device nothing;
	AUTO(devices_free) struct devices list = { 0 };
	struct error err = { 0 };

	if (!devices_read(&list, slice_of(data, size), &nothing, &err)) {
		assert(err.message[0] != '\0' && list.count == 0);
		return 0;
	}
	assert(list.count > 0 && list.count <= DEVICES_MAX);
	for (size_t i = 0; i < list.count; i++) {
		assert(strlen(list.items[i].device.udid) >= 25);
		assert(list.items[i].name != NULL && list.items[i].place > 0);
		assert(i == 0 || list.items[i].place > list.items[i - 1].place);
	}
	return 0;
}
