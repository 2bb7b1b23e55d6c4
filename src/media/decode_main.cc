#include "media/decode_server.h"

// backline-decode: decodes what a program does not know, away from it. The program passes the control socket as descriptor 3.
int main() { return backline::media::runDecodeServer(backline::transport::Fd(3)); }
