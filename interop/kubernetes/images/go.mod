module io.github.harp/interop/kubernetes/images

go 1.24
