module io.github.harp/interop/wan

go 1.24
