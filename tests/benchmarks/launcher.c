/* The cheapest way to run the engine: load its library, make a state, run it with the given arguments. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, const char *argv[]) {
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (!library) {
        fprintf(stderr, "launcher: %s\n", argc > 1 ? dlerror() : "usage: launcher LIBRARY [ENGINE ARGUMENT ...]");
        return 2;
    }
    void *(*state_new)(void) = (void *(*)(void))dlsym(library, "stateNew");
    void (*set_console)(void *, int) = (void (*)(void *, int))dlsym(library, "setConsoleOutputState");
    int (*run)(void *, int, const char *[]) = (int (*)(void *, int, const char *[]))dlsym(library, "energyplus");
    if (!state_new || !set_console || !run) {
        fprintf(stderr, "launcher: %s\n", dlerror());
        return 2;
    }
    void *state = state_new();
    set_console(state, 0);
    return run(state, argc - 2, argv + 2);
}
