//! Lets executables of this package find the physics engine where cargo found it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=MUJOCO_DYNAMIC_LINK_DIR");
    let uses_engine = std::env::var_os("CARGO_FEATURE_MUJOCO").is_some();
    if let (true, Ok(folder)) = (uses_engine, std::env::var("MUJOCO_DYNAMIC_LINK_DIR")) {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
