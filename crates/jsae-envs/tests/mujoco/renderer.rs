//! Pictures, where the machine can draw without a screen.

use std::collections::HashSet;
use std::path::Path;

use jsae_envs::mujoco::renderer::{RenderError, Renderer};
use jsae_envs::mujoco::{Ant, HalfCheetah, ant, half_cheetah};
use jsae_envs::{Env, Start};

/// Nothing, with a line that says why, where the machine has no EGL.
fn available(renderer: Result<Renderer, RenderError>) -> Option<Renderer> {
    renderer.map_err(|error| eprintln!("skipped: {error}")).ok()
}

fn colors(pixels: &[u8]) -> HashSet<[u8; 3]> {
    pixels.chunks_exact(3).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
}

/// The robots are the only things whose red is far above their blue.
fn robot_pixels(pixels: &[u8]) -> usize {
    pixels.chunks_exact(3).filter(|pixel| pixel[0] > pixel[2].saturating_add(40)).count()
}

#[test]
fn pictures_show_the_robot_and_follow_its_joints() {
    let mut observation = vec![0.0; 111];
    let mut ant = Ant::new(&ant::Config::default()).expect("a sound configuration");
    ant.reset(Start::Fixed, &mut observation).expect("an episode begins");
    let mut cheetah = HalfCheetah::new(&half_cheetah::Config::default()).expect("a sound configuration");
    cheetah.reset(Start::Fixed, &mut observation[..17]).expect("an episode begins");
    let cases = [
        ("ant", ant::renderer as fn(u32, u32) -> _, ant.qpos().to_vec()),
        ("half_cheetah", half_cheetah::renderer, cheetah.qpos().to_vec()),
    ];
    for (name, renderer, mut qpos) in cases {
        let Some(mut renderer) = available(renderer(320, 200)) else { return };
        let first = renderer.draw(&qpos).expect("a picture").to_vec();
        assert_eq!(first.len(), 320 * 200 * 3);
        assert!(colors(&first).len() > 50, "{name}: the picture is not empty");
        let share = robot_pixels(&first) as f64 / (320.0 * 200.0);
        assert!((0.005..0.5).contains(&share), "{name}: {share} of the picture is robot");
        assert!(renderer.draw(&qpos).expect("a picture") == first, "{name}: equal states look equal");
        *qpos.last_mut().expect("a joint") += 0.5;
        assert!(renderer.draw(&qpos).expect("a picture") != first, "{name}: a joint moved");
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        renderer.save_png(&file).expect("a file");
        let bytes = std::fs::read(&file).expect("a file");
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
        let error = renderer.draw(&qpos[1..]).expect_err("a position is missing");
        assert!(matches!(error, RenderError::Positions { .. }), "{error}");
    }
}
