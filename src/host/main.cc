#include <sys/prctl.h>

#include <cstdio>
#include <exception>

#include "host/render_host.h"

// backline-render without JavaScript, for programs in C++. The program passes the control socket as descriptor 3.
int main() {
  prctl(PR_SET_NAME, "backline-render");
  try {
    return backline::host::runRenderHost(backline::transport::Fd(3), nullptr,
                                         {backline::render::budgetsOfEnvironment({}), "native"});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "backline-render: %s\n", error.what());
    return 1;
  }
}
