public import SluiceCore

/// All that is wrong with a plan file, one line each in the form that editors and compilers know.
public enum ProblemList {
    /// `plan.yaml:12:5: spec.waves[1].batches: …`, in the order of the file, each line ended by a line feed.
    ///
    /// Lines are not cut: tools read them.
    public static func text(_ problems: PlanProblems, file: String, _ style: Style = Style()) -> String {
        problems.problems.map { problem in
            let position = problem.position
            let place = TextLayout.cleaned("\(file):\(position.line):\(position.column):")
            let path = problem.path.isEmpty ? "" : TextLayout.cleaned(problem.path) + ": "
            return Tone.muted.applied(to: place, style) + " " + path + TextLayout.cleaned(problem.message) + "\n"
        }.joined()
    }

    /// Why a plan does not fit the cluster, `plan.yaml: …`, one problem a line, each line ended by a line feed.
    public static func text(_ failure: PlanningFailure, file: String, _ style: Style = Style()) -> String {
        failure.errors.map { error in
            let place = Tone.muted.applied(to: TextLayout.cleaned("\(file):"), style)
            return place + " " + TextLayout.cleaned(error.description) + "\n"
        }.joined()
    }
}
