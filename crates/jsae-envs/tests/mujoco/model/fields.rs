//! A compiled model as numbers by field name.

use std::collections::BTreeMap;

use mujoco_rs::prelude::MjModel;

/// Fields by name (in lower case), each flattened; options as `opt.name`.
pub(crate) type Fields = BTreeMap<String, Vec<f64>>;

/// Numbers in a row, whatever their type.
trait Flat {
    fn flat(&self) -> Vec<f64>;
}

macro_rules! flat_numbers {
    ($($type:ty),*) => {
        $(impl Flat for [$type] {
            fn flat(&self) -> Vec<f64> {
                self.iter().map(|&x| f64::from(x)).collect()
            }
        })*
    };
}

flat_numbers!(i32, u8, bool, f64);

impl<T, const N: usize> Flat for [[T; N]]
where
    [T]: Flat,
{
    fn flat(&self) -> Vec<f64> {
        self.as_flattened().flat()
    }
}

macro_rules! collect {
    ($into:ident, $model:ident, sizes: [$($size:ident),* $(,)?], rows: [$($row:ident),* $(,)?],
     kinds: [$($kind:ident),* $(,)?], options: [$($option:ident),* $(,)?],
     option_rows: [$($option_row:ident),* $(,)?]) => {
        $($into.insert(stringify!($size).to_lowercase(), vec![f64::from($model.ffi().$size as i32)]);)*
        $($into.insert(stringify!($row).to_owned(), $model.$row().flat());)*
        $($into.insert(
            stringify!($kind).to_owned(),
            $model.$kind().iter().map(|&kind| f64::from(kind as i32)).collect(),
        );)*
        $($into.insert(concat!("opt.", stringify!($option)).to_owned(), vec![f64::from($model.opt().$option)]);)*
        $($into.insert(concat!("opt.", stringify!($option_row)).to_owned(), $model.opt().$option_row.to_vec());)*
    };
}

pub(crate) fn fields(model: &MjModel) -> Fields {
    let mut fields = Fields::new();
    collect!(
        fields,
        model,
        sizes: [
            nq, nv, nu, na, nactuator, nout, nbody, njnt, ngeom, ntree, nM, nC, nD, neq, ntendon,
            npair, nexclude, nsensor, nmocap, nplugin, nkey, nhistory, ngravcomp, flg_adhesion,
            flg_gravcomp, flg_surfacevel,
        ],
        rows: [
            body_parentid, body_rootid, body_weldid, body_mocapid, body_jntnum, body_jntadr,
            body_dofnum, body_dofadr, body_geomnum, body_geomadr, body_simple, body_treeid,
            body_contype, body_conaffinity, jnt_qposadr, jnt_dofadr, jnt_bodyid, jnt_actuatorid,
            jnt_limited, jnt_actfrclimited, jnt_actgravcomp, dof_bodyid, dof_jntid, dof_parentid,
            dof_treeid, dof_madr, dof_simplenum, geom_contype, geom_conaffinity, geom_condim,
            geom_bodyid, geom_priority, actuator_trnid, actuator_ctrladr, actuator_ctrlnum,
            actuator_ctrlspec, actuator_outadr, actuator_outnum, actuator_ctrllimited,
            actuator_forcelimited, actuator_actlimited, actuator_actadr, actuator_actnum,
            actuator_actearly, tree_bodyadr, tree_bodynum, tree_dofadr, tree_dofnum, qpos0,
            qpos_spring, body_pos, body_quat, body_gravcomp, body_margin, jnt_pos, jnt_axis,
            jnt_stiffness, jnt_stiffnesspoly, jnt_range, jnt_actfrcrange, jnt_margin, jnt_solref,
            jnt_solimp, dof_armature, dof_damping, dof_dampingpoly, dof_frictionloss, dof_solref,
            dof_solimp, geom_size, geom_pos, geom_quat, geom_friction, geom_margin, geom_gap,
            geom_solref, geom_solimp, geom_solmix, geom_fluid, geom_adhesion, geom_surfacevel,
            actuator_gear, actuator_ctrlrange, actuator_gainprm, actuator_biasprm, actuator_dynprm,
            actuator_forcerange, actuator_actrange, actuator_cranklength, actuator_armature,
            actuator_damping, actuator_dampingpoly, actuator_delay, body_mass, body_inertia,
            body_ipos, body_iquat, body_subtreemass, body_invweight0, dof_invweight0, dof_m0,
            dof_length, geom_rbound, geom_aabb, actuator_acc0, actuator_length0,
            actuator_lengthrange,
        ],
        kinds: [
            actuator_biastype, actuator_dyntype, actuator_gaintype, actuator_trntype,
            body_sameframe, geom_sameframe, geom_type, jnt_type, tree_sleep_policy,
        ],
        options: [
            ccd_iterations, ccd_tolerance, cone, density, disableactuator, disableflags,
            enableflags, impratio, integrator, iterations, jacobian, ls_iterations, ls_tolerance,
            noslip_iterations, noslip_tolerance, o_margin, sdf_initpoints, sdf_iterations,
            sleep_tolerance, solver, timestep, tolerance, viscosity,
        ],
        option_rows: [
            gravity, magnetic, o_friction, o_solimp, o_solref, wind,
        ]
    );
    fields.insert("stat.meaninertia".to_owned(), vec![model.stat().meaninertia]);
    fields
}
