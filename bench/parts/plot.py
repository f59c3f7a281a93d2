"""Pictures beside the tables, by matplotlib. Without a display: it draws into files."""
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


def save(figure, path):
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def plot_drain(path, heads, columns):
    """Mails at the sink over time, and who spent the CPU of a mail."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.5))
    for head, figures in zip(heads, columns):
        begin = figures["samples"][0][0]
        left.plot([at - begin for at, _ in figures["samples"]], [mails for _, mails in figures["samples"]],
                  label=f"{head}: {figures['rate']:,.0f}/s")
    left.set(xlabel="seconds since the first mail", ylabel="mails at the sink", title="Drain")
    left.legend(loc="upper left")
    left.grid(alpha=0.3)
    names = list(dict.fromkeys(name for figures in columns for name in figures["cpu_us"]))
    below = [0.0] * len(columns)
    for n, name in enumerate(names):
        values = [figures["cpu_us"].get(name, 0.0) for figures in columns]
        right.bar(heads, values, bottom=below, label=name, color=plt.get_cmap("tab20")(n))
        below = [low + value for low, value in zip(below, values)]
    for n, height in enumerate(below):
        right.text(n, height, f"{height:,.0f}", ha="center", va="bottom")
    right.set(ylabel="CPU µs a mail", title="Who spends it")
    right.legend(fontsize=8)
    save(figure, path)


def plot_growth(path, heads, runs):
    """CPU a mail by who spends it, and buffers a mail, over what is in the tables."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.5))
    below = [0.0] * len(runs)
    for name in ("sender", "PostgreSQL"):
        values = [figures["cpu_us"][name] for figures in runs]
        left.bar(heads, values, bottom=below, label=name)
        below = [low + value for low, value in zip(below, values)]
    right.bar(heads, [figures["buffers"] for figures in runs], color="tab:green")
    left.set(ylabel="CPU µs a mail", title="CPU")
    right.set(ylabel="buffers a mail", title="Buffers")
    left.legend()
    for axes in (left, right):
        axes.tick_params(axis="x", labelrotation=12, labelsize=8)
        axes.grid(axis="y", alpha=0.3)
    save(figure, path)


def plot_enrol(path, samples):
    """Contacts and the API's memory over time: the first is to be straight, the second flat."""
    figure, left = plt.subplots(figsize=(9, 4.5))
    right = left.twinx()
    seconds = [at for at, _, _ in samples]
    left.plot(seconds, [done for _, done, _ in samples], color="tab:blue")
    right.plot(seconds, [mb for _, _, mb in samples], color="tab:red")
    left.set(xlabel="seconds", title="Enrolment")
    left.set_ylabel("contacts", color="tab:blue")
    right.set_ylabel("resident MB of the API", color="tab:red")
    right.set_ylim(bottom=0)
    left.grid(alpha=0.3)
    save(figure, path)


def plot_latency(path, loads):
    """The share of mails that are out within so many milliseconds, a line for each load."""
    figure, axes = plt.subplots(figsize=(9, 4.5))
    for load, taken in loads.items():
        every = max(1, len(taken) // 2_000)
        shares = [100 * (n + 1) / len(taken) for n in range(len(taken))]
        axes.plot([1000 * value for value in taken[::every]], shares[::every], label=f"{load:.0f} % of the drain rate")
    axes.axvline(500, color="gray", linestyle=":", linewidth=1)
    axes.set(xscale="log", xlabel="ms from due to recorded as accepted", ylabel="% of the mails",
             title="Latency, open loop")
    marks = [20, 50, 100, 200, 500, 1000, 2000, 5000]
    axes.set_xticks(marks, [str(mark) for mark in marks])
    axes.set_xticks([], minor=True)
    ends = [1000 * value for taken in loads.values() for value in (taken[0], taken[-1])]
    axes.set_xlim(min(20, *ends), max(1000, *ends))
    axes.legend(loc="lower right")
    axes.grid(alpha=0.3, which="both")
    save(figure, path)


def plot_scale(path, rates, one):
    """Emails a second by number of senders, beside what perfect multiples of one would be."""
    figure, axes = plt.subplots(figsize=(7, 4.5))
    senders = list(rates)
    axes.plot(senders, [one * count for count in senders], linestyle=":", color="gray", label="multiples of one sender")
    axes.plot(senders, list(rates.values()), marker="o", label="measured")
    for count, value in rates.items():
        axes.annotate(f"{value / one:.2f}x", (count, value), textcoords="offset points", xytext=(6, -12))
    axes.set(xlabel="senders", ylabel="emails/s", title="Senders against a sink that waits", xticks=senders)
    axes.set_ylim(bottom=0)
    axes.legend()
    axes.grid(alpha=0.3)
    save(figure, path)


def plot_memory(path, lines):
    """Resident memory of the sender and its connections over time, one panel a run."""
    figure, panels = plt.subplots(1, len(lines), figsize=(12, 4.5), squeeze=False)
    for axes, (name, samples) in zip(panels[0], lines.items()):
        other = axes.twinx()
        seconds = [at for at, _, _ in samples]
        axes.plot(seconds, [mb for _, _, mb in samples], color="tab:red")
        other.plot(seconds, [connections for _, connections, _ in samples], color="tab:blue")
        axes.axhline(96, color="gray", linestyle=":", linewidth=1)
        axes.set(xlabel="seconds", title=name)
        axes.set_ylabel("resident MB of the sender", color="tab:red")
        other.set_ylabel("connections", color="tab:blue")
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    save(figure, path)
