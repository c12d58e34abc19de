//! Tests across tools: the rules of this workspace, and whole releases against real judges.

mod openapi;
