//! The settings of the layout: spacing, order, and what stays apart.

use merman_elk_layered::{
    CycleBreakingStrategy, ElkDirection, ElkPadding, HierarchyHandling, LSize, LayeredOptions,
    NodePlacementStrategy, OrderingStrategy, SpacingMargin,
};

use super::{Back, Elk, Placement};
use crate::layout::PlanBox;

/// Room between the border of a box and what stands inside.
const PADDING: f64 = 18.0;

/// Room below the head of a box, whose texts bring some of their own.
const HEAD_PADDING: f64 = 8.0;

/// For the graph inside a box.
pub(super) fn inside(style: Elk, shape: &PlanBox) -> LayeredOptions {
    let mut options = layered(
        style,
        ElkPadding {
            top: shape.height + HEAD_PADDING,
            ..ElkPadding::uniform(PADDING)
        },
    );
    // The least size is applied before a graph laid out from left to right is turned downwards: sides are swapped.
    options.node_size_minimum = Some(LSize {
        width: shape.height + HEAD_PADDING + PADDING,
        height: shape.width,
    });
    options
}

/// Spacing is chosen so that a label never touches a box, and arrows that turn side by side stay apart.
pub(super) fn layered(style: Elk, padding: ElkPadding) -> LayeredOptions {
    let mut options = LayeredOptions {
        direction: ElkDirection::Down,
        hierarchy_handling: HierarchyHandling::IncludeChildren,
        padding,
        cycle_breaking_strategy: match style.back {
            Back::Few => CycleBreakingStrategy::GreedyModelOrder,
            Back::AgainstSequence => CycleBreakingStrategy::ModelOrder,
        },
        consider_model_order_strategy: if style.keeps_sequence {
            OrderingStrategy::NodesAndEdges
        } else {
            OrderingStrategy::None
        },
        node_placement_strategy: match style.placement {
            Placement::Straight => NodePlacementStrategy::BrandesKoepf,
            Placement::Near => NodePlacementStrategy::NetworkSimplex,
        },
        // Two arrows that share a piece of way look like one arrow.
        merge_edges: false,
        merge_hierarchy_edges: false,
        ..LayeredOptions::default()
    };
    let spacing = &mut options.spacing;
    spacing.node_node = 28.0;
    spacing.node_self_loop = 16.0;
    spacing.component_component = 28.0;
    spacing.edge_node = 18.0;
    spacing.edge_edge = 16.0;
    spacing.edge_label = 5.0;
    spacing.label_label = 8.0;
    spacing.label_node = 8.0;
    spacing.port_port = 16.0;
    spacing.node_node_between_layers = 30.0;
    spacing.edge_node_between_layers = 18.0;
    spacing.edge_edge_between_layers = 14.0;
    spacing.ports_surrounding = SpacingMargin {
        top: 14.0,
        right: 14.0,
        bottom: 14.0,
        left: 14.0,
    };
    options
}
