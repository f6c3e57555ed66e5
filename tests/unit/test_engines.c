/* test_engines.c - the names that engines give to control groups, and JSON that anybody may have written */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tracer/containers.h"
#include "../../tracer/json.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* path: the lowest group first, divided by blanks. */
static int classify(const char *path)
{
	char names[8][RING_PLACE_NAME] = {{0}}, *copy = strdup(path), *rest = copy, *word;
	size_t n = 0;
	int at;

	while ((word = strsep(&rest, " ")))
		memcpy(names[n++], word, strnlen(word, RING_PLACE_NAME - 1));
	free(copy);
	at = containers_classify((const char(*)[RING_PLACE_NAME])names, n);
	return at;
}

static void groups_of_containers(void **state)
{
	(void)state;
	assert_int_equal(classify(ID " docker"), 0);
	assert_int_equal(classify("docker-" ID ".scope system.slice"), 0);
	assert_int_equal(classify("container libpod-" ID ".scope user.slice"), 1);
	assert_int_equal(classify("cri-containerd-" ID ".scope kubepods-pod1.slice kubepods.slice"), 0);
	assert_int_equal(classify("crio-" ID ".scope kubepods.slice"), 0);
	assert_int_equal(classify("init.scope " ID " docker"), 1);
	assert_int_equal(classify("lxc.payload.beta"), 0);
	assert_int_equal(classify("beta lxc"), 0);
	assert_int_equal(classify("cron.service beta lxc.payload"), 1);
	assert_int_equal(classify("payload systemd-nspawn@beta.service machine.slice"), 1);
	assert_int_equal(classify("machine-beta.scope machine.slice"), 0);
	assert_int_equal(classify(ID " docker " ID " docker"), 0); /* the innermost */
}

/* As engines make them: by systemd and without, with and without root, in and below each other. */
static void paths_of_engines(void **state)
{
	(void)state;
	/* Podman: a container's payload may be in a group of its own; a pod is a slice. */
	assert_int_equal(classify("libpod-" ID ".scope machine.slice"), 0);
	assert_int_equal(classify("libpod-" ID " libpod_parent"), 0);
	assert_int_equal(classify("libpod-" ID ".scope user.slice user@1000.service user-1000.slice user.slice"), 0);
	assert_int_equal(classify("container libpod-" ID ".scope machine-libpod_pod_" ID ".slice machine.slice"), 1);
	assert_int_equal(classify("conmon libpod_parent"), -1);
	assert_int_equal(classify("libpod-conmon-" ID ".scope user.slice user@1000.service"), -1);
	/* Kubernetes, by containerd and CRI-O. */
	assert_int_equal(
		classify("cri-containerd-" ID ".scope kubepods-burstable-pod1_2.slice kubepods-burstable.slice"), 0);
	assert_int_equal(classify(ID " podf8d3b5b0-1c1e kubepods"), 0);
	assert_int_equal(classify("crio-" ID ".scope kubepods-besteffort-pod1.slice kubepods.slice"), 0);
	assert_int_equal(classify("crio-" ID " kubepods"), 0);
	assert_int_equal(classify("nerdctl-" ID ".scope system.slice"), 0);
	assert_int_equal(classify("kubepods-burstable-pod1_2.slice kubepods-burstable.slice kubepods.slice"), -1);
	assert_int_equal(classify("kubelet.service system.slice"), -1);
	/* Names instead of ids. */
	assert_int_equal(classify("system.slice lxc.payload.web"), 1);
	assert_int_equal(classify("machine-web\\x2d1.scope machine.slice"), 0);
	assert_int_equal(classify("init.scope payload systemd-nspawn@web.service machine.slice"), 2);
	/* Docker within Docker, and an engine within a virtual machine's group. */
	assert_int_equal(classify("docker-" ID ".scope system.slice " ID " docker"), 0);
	assert_int_equal(classify(ID " docker machine-qemu\\x2d1\\x2dvm.scope"), 0);
}

static void groups_of_others(void **state)
{
	(void)state;
	assert_int_equal(classify(""), -1);
	assert_int_equal(classify("docker.service system.slice"), -1);
	assert_int_equal(classify("libpod-conmon-" ID ".scope machine.slice"), -1);
	assert_int_equal(classify("crio-conmon-" ID ".scope"), -1);
	assert_int_equal(classify("0123456789abcdef0123456789abcdef process_api"), -1);
	assert_int_equal(classify("0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"), -1);
	assert_int_equal(classify(ID "0"), -1);
	assert_int_equal(classify("lxc.monitor.beta"), -1);
	assert_int_equal(classify("supervisor systemd-nspawn@beta.service machine.slice"), -1);
	assert_int_equal(classify("machine-qemu\\x2d1\\x2dvm.scope machine.slice"), -1);
	assert_int_equal(classify("machine.slice"), -1);
}

static char told[4096];

static void note(void *context, const struct json_value *value)
{
	size_t len = strlen(told);

	(void)context;
	snprintf(told + len, sizeof(told) - len, "%d%s=%s;", value->depth, value->key, value->text ? value->text : "}");
}

static void json(void **state)
{
	static const char list[] =
		"[{\"Id\":\"a\\u00e9\\n\",\"Names\":[\"/x\",\"/y\"],\"N\":12,\"In\":{\"Id\":\"b\"},\"Ok\":true}]";

	(void)state;
	told[0] = 0;
	assert_int_equal(json_walk(list, sizeof(list) - 1, note, NULL), 0);
	assert_string_equal(told, "2Id=a\xc3\xa9\n;3Names=/x;3Names=/y;3Id=b;3Id=};2Ok=};");
}

/* Whatever it is: an end, and nothing beyond the text. */
static void json_of_anybody(void **state)
{
	static const char text[] = "[{\"a\":[{\"b\":\"\\u00ff\\\\\"},null,-1.5e9]},\"c\"]";
	char *copy = malloc(100000);

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		char *exact = malloc(len + 1);

		memcpy(exact, text, len);
		told[0] = 0;
		json_walk(exact, len, note, NULL);
		for (size_t i = 0; i < len; i++) {
			exact[i] = (char)(exact[i] ^ 0x15);
			told[0] = 0;
			json_walk(exact, len, note, NULL);
			exact[i] = (char)(exact[i] ^ 0x15);
		}
		free(exact);
	}
	memset(copy, '[', 100000);
	assert_int_equal(json_walk(copy, 100000, note, NULL), -22);
	memset(copy, 'x', 100000);
	copy[0] = copy[99999] = '"';
	told[0] = 0;
	assert_int_equal(json_walk(copy, 100000, note, NULL), 0);
	assert_int_equal(strlen(told), 1 + 1 + JSON_TEXT - 1 + 1);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_of_containers), cmocka_unit_test(paths_of_engines),
		cmocka_unit_test(groups_of_others),     cmocka_unit_test(json),
		cmocka_unit_test(json_of_anybody),
	};

	return cmocka_run_group_tests_name("engines", tests, NULL, NULL);
}
