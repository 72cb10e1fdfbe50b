//go:build linkflap_libfuzzer && cgo

#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "_cgo_export.h"

// of libclang_rt.fuzzer_no_main
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

// libFuzzer looks at its time limit on the thread that runs it only, and the kernel gives an alarm to any thread.
static pthread_t driver;
static struct sigaction alarm_action;

static void on_alarm(int sig, siginfo_t *info, void *context) {
	if (!pthread_equal(pthread_self(), driver)) {
		pthread_kill(driver, sig);
	} else if (alarm_action.sa_sigaction != NULL) {
		alarm_action.sa_sigaction(sig, info, context);
	}
}

// take_alarm puts on_alarm before libFuzzer's handler. Handlers must use the signal stack in a process that runs Go code.
static void take_alarm(void) {
	sigaction(SIGALRM, NULL, &alarm_action);
	if (!(alarm_action.sa_flags & SA_SIGINFO)) {
		alarm_action.sa_sigaction = NULL;
		return; // there is no limit
	}
	struct sigaction ours = {.sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
	sigaction(SIGALRM, &ours, NULL);
}

// The name is the one by which OSS-Fuzz and ClusterFuzzLite know a fuzz target (github.com/google/oss-fuzz, infra/utils.py,
// FUZZ_TARGET_SEARCH_STRING).
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static int called;
	if (!called) {
		called = 1;
		take_alarm();
	}
	linkflapInput((uint8_t *)data, size);
	return 0;
}

// The interface between instrumented code and libFuzzer (clang's SanitizerCoverage documentation, "Inline 8bit-counters" and "PC-Table").
void __sanitizer_cov_8bit_counters_init(uint8_t *start, uint8_t *end);
void __sanitizer_cov_pcs_init(const uintptr_t *start, const uintptr_t *end);

// give_counters gives libFuzzer the counters, and for each a place in the code and its flags. Nobody knows the places; libFuzzer counts them.
static void give_counters(uint8_t *start, uint8_t *end) {
	size_t n = end - start;
	uintptr_t *places = calloc(2 * n, sizeof *places);
	if (n == 0 || places == NULL) return;
	__sanitizer_cov_8bit_counters_init(start, end);
	__sanitizer_cov_pcs_init(places, places + 2 * n);
}

int linkflap_drive(int argc, char **argv, uint8_t *counters, uint8_t *end) {
	give_counters(counters, end);
	// libFuzzer takes no signal that somebody has a handler for, and the Go runtime has one for all of them. These it should have.
	static const int its[] = {SIGALRM, SIGINT, SIGTERM, SIGXFSZ, SIGUSR1, SIGUSR2};
	for (size_t i = 0; i < sizeof its / sizeof its[0]; i++) signal(its[i], SIG_DFL);
	driver = pthread_self();
	return LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput);
}
