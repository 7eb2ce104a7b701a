#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| authflow_proto::fuzzing::api_key(data));
