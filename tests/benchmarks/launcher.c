/* The cheapest way to run the engine: load its library, make a state, run it with the arguments given.
   Compile with -DLIBRARY='"/path/to/libenergyplusapi.so"'; it then passes for an `energyplus` program. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, const char *argv[]) {
    void *library = dlopen(LIBRARY, RTLD_NOW);
    if (!library) {
        fprintf(stderr, "launcher: %s\n", dlerror());
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
    return run(state, argc, argv);
}
